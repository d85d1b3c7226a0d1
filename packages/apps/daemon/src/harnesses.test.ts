import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openGit, openRepository, type Repository } from '@coxswain/host'
import { silentLogger } from '@coxswain/kernel'
import { parseConfig } from '@coxswain/steering'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openHarnesses, type Harnesses } from './harnesses.ts'
import { createLiveConfig, type LiveConfig } from './live-config.ts'

let root: string
let repository: Repository
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cox-harness-'))
  await mkdir(join(root, 'harness'))
})
afterEach(() => rm(root, { recursive: true }))

const strict = 'gates: [{ name: unit, command: [npm, test] }]\nsandbox: required\nconcurrency: 3\n'
const weak = 'gates: [{ name: unit, command: ["true"] }]\nlanding: { policy: auto }\nconcurrency: 7\nagent: claude\n'

async function open(text: string, isCommitted: boolean): Promise<{ commit: string; live: LiveConfig; harnesses: Harnesses }> {
  await write(text)
  const git = openGit(root)
  await git.run(['init', '--quiet', '-b', 'main'])
  if (isCommitted) await git.run(['add', 'harness'])
  await git.run(['-c', 'user.name=A', '-c', 'user.email=a@b', 'commit', '--quiet', '--allow-empty', '-m', 'x'])
  repository = await openRepository(root)
  const live = await createLiveConfig(root, parseConfig(text), silentLogger)
  return { commit: await git.run(['rev-parse', 'HEAD']), live, harnesses: openHarnesses(repository, live) }
}

const write = (text: string): Promise<void> => writeFile(join(root, 'harness/harness.yaml'), text)

test('what judges comes from the commit, who works from the checkout, and a difference is told', async () => {
  const { commit, live, harnesses } = await open(strict, true)
  expect(await harnesses.difference(commit, 'main')).toBeNull()
  await write(weak)
  await live.refresh()
  const { gates, sandbox, landing, concurrency, agent } = await harnesses.read(await harnesses.find(commit))
  expect([gates[0]?.command, sandbox, landing.policy, concurrency, agent]).toEqual([
    ['npm', 'test'],
    'required',
    'ask',
    7,
    'claude',
  ])
  expect(await harnesses.difference(commit, 'main')).toBe(
    'harness/harness.yaml differs in gates, sandbox, landing from the one committed on main, which this run uses. Commit yours to use it.',
  )
})

test('where nothing is committed, the file counts as it was when it was asked for', async () => {
  const { commit, live, harnesses } = await open(strict, false)
  const begun = await harnesses.find(commit)
  await write(weak)
  await live.refresh()
  expect((await harnesses.read(begun)).sandbox).toBe('required')
  expect((await harnesses.read(await harnesses.find(commit))).landing.policy).toBe('auto')
  expect(await harnesses.difference(commit, 'main')).toBe(
    'harness/harness.yaml is not committed on main: this run uses the file as it is now.',
  )
})

test('a file that is no harness is told of, and so is one that is gone', async () => {
  const { harnesses } = await open(strict, true)
  await write('gates: [\n')
  await repository.git.run(['-c', 'user.name=A', '-c', 'user.email=a@b', 'commit', '--quiet', '--all', '-m', 'broken'])
  const commit = await repository.git.run(['rev-parse', 'HEAD'])
  await expect(harnesses.read(await harnesses.find(commit))).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  await expect(harnesses.read('e'.repeat(40))).rejects.toMatchObject({ code: 'HARNESS_LOST' })
})
