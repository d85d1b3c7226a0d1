import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createFactTree } from '@coxswain/facts'
import { openSession } from '../engine/check-session.ts'
import { readProtected } from '../extra/git-changes.ts'
import { startWatchService } from './watch-service.ts'

let folder = ''
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'cox-first-')))
  vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

it('has a large repository read by a process of its own before it looks, and says the same', async () => {
  const root = makeRepository(1_600)
  const service = await startWatchService({ root, stateFolder: join(folder, 'state') })
  try {
    expect([service.tree.wasSaved, service.tree.counts.parsed]).toEqual([true, 0])
    const cold = await openSession({ tree: createFactTree(root, null), before: () => readProtected(root, 'HEAD') })
    expect(await service.check()).toEqual(cold.findings())
    expect(cold.findings().length).toBeGreaterThan(0)
  } finally {
    service.close()
  }
})

it('looks itself at a small one, where another process would take longer', async () => {
  const root = makeRepository(3)
  const service = await startWatchService({ root, stateFolder: join(folder, 'state') })
  expect([service.tree.wasSaved, service.tree.counts.parsed]).toEqual([false, 4])
  service.close()
})

/** With names long enough that git's list of them says it is large. */
function makeRepository(files: number): string {
  const root = join(folder, 'repository')
  const sources = join(root, 'packages/a-room-with-a-rather-long-name/src')
  mkdirSync(sources, { recursive: true })
  mkdirSync(join(root, 'harness'))
  writeFileSync(join(root, 'harness/checks.yaml'), 'rules: { structured-logging: error }\n')
  for (let at = 0; at < files; at++)
    writeFileSync(join(sources, `file-${at}.ts`), `export const one${at} = 1\nconsole.log(one${at})\n`)
  for (const args of [
    ['init', '-q'],
    ['add', '-A'],
    ['-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '-qm', 'a'],
  ])
    execFileSync('git', args, { cwd: root, stdio: 'ignore' })
  return root
}
