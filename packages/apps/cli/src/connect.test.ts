import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { isSameAlive } from '@coxswain/host'
import { sleep } from '@coxswain/kernel'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { connect, findDaemon } from './connect.ts'

let root = ''
let repository = ''
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'cox-connect-')))
  repository = join(root, 'repo')
  mkdirSync(join(repository, 'harness'), { recursive: true })
  writeFileSync(join(repository, 'harness/harness.yaml'), 'gates: []\n')
  const git = (...args: readonly string[]): Buffer => execFileSync('git', args, { cwd: repository })
  git('init', '-q', '-b', 'main')
  git('add', '-A')
  git('-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '-qm', 'start')
  vi.stubEnv('COXSWAIN_STATE_DIR', join(root, 'state'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(root, { recursive: true, force: true })
})

test('a state folder that is told from the current folder is the same one for the daemon', async () => {
  vi.stubEnv('COXSWAIN_STATE_DIR', relative(process.cwd(), join(root, 'state')))
  await using connection = await connect(repository)
  expect(connection.folder.root.startsWith(join(root, 'state'))).toBe(true)
  expect((await connection.client.status()).pid).toBe(connection.address.pid)
})

test('RUN-22 a daemon that was started for one command stays for another that joined it, however long that asks nothing', async () => {
  const first = await connect(repository)
  const second = await connect(repository)
  expect(second.address).toEqual(first.address)
  await first[Symbol.asyncDispose]()
  await sleep(2_500)
  expect((await second.client.status()).pid).toBe(first.address.pid)
  await second[Symbol.asyncDispose]()
  while (isSameAlive(first.address)) await sleep(20)
  expect(await findDaemon(first.folder)).toBe(null)
})
