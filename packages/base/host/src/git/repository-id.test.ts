import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ensureStateFolder, stateFolder, type StateFolder } from '../files/state-folder.ts'
import { openRepository } from './repository.ts'

/* Which repository a folder is: moved, copied, cloned, linked, and as an earlier version knew it. */

let root: string
const at = (path: string): string => join(root, path)
const git = (folder: string, ...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@b', '-c', 'protocol.file.allow=always', ...args], {
    cwd: at(folder),
    encoding: 'utf8',
  }).trim()

async function look(folder: string): Promise<StateFolder> {
  return stateFolder(await openRepository(at(folder)), { COXSWAIN_STATE_DIR: at('state') })
}

/** As a daemon does at its start. */
async function start(folder: string): Promise<string> {
  const state = await look(folder)
  ensureStateFolder(state)
  return state.id
}

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'cox-id-')))
  mkdirSync(at('shop'))
  git('shop', 'init', '--quiet', '-b', 'main')
  git('shop', 'commit', '--quiet', '--allow-empty', '-m', 'first')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

test('it is kept when the repository is moved or renamed, and looking alone writes nothing', async () => {
  const before = await look('shop')
  expect(existsSync(join(before.gitDir, 'coxswain'))).toBe(false)
  const id = await start('shop')
  expect([id, before.id, /^shop-[0-9a-f]{10}$/.test(id)]).toEqual([id, id, true])
  mkdirSync(at('deep'))
  renameSync(at('shop'), at('deep/store'))
  expect([await start('deep/store'), (await look('deep/store')).root]).toEqual([id, join(at('state'), id)])
  expect(readdirSync(join(before.gitDir.replace('/shop/', '/deep/store/'), 'coxswain'))).toHaveLength(1)
})

test('a copy, also of a copy, is another repository that knows what it was copied from; the original stays itself', async () => {
  const original = await start('shop')
  execFileSync('cp', ['-a', at('shop'), at('copy')])
  const copied = await look('copy')
  expect([copied.copyOf, copied.id === original]).toEqual([original, false])
  const copy = await start('copy')
  execFileSync('cp', ['-a', at('copy'), at('second')])
  const second = await start('second')
  expect(new Set([original, copy, second]).size).toBe(3)
  expect([await start('shop'), await start('copy'), await start('second')]).toEqual([original, copy, second])
  expect([(await look('shop')).copyOf, (await look('copy')).copyOf, (await look('second')).copyOf]).toEqual([
    null,
    original,
    expect.anything(),
  ])
  // The copy moves to where the original was.
  renameSync(at('shop'), at('aside'))
  renameSync(at('copy'), at('shop'))
  expect([await start('aside'), await start('shop')]).toEqual([original, copy])
})

test('a clone is another repository; linked worktrees, a separate git folder, a bare one and submodules each are what they belong to', async () => {
  const id = await start('shop')
  git('.', 'clone', '--quiet', 'shop', 'clone')
  git('.', 'clone', '--quiet', '--bare', 'shop', 'bare.git')
  git('shop', 'worktree', 'add', '--quiet', at('linked'))
  git('.', 'init', '--quiet', `--separate-git-dir=${at('apart')}`, 'separate')
  git('clone', 'submodule', '--quiet', 'add', at('shop'), 'lib')
  const ids = [await start('clone'), await start('bare.git'), await start('separate'), await start('clone/lib')]
  expect([new Set([id, ...ids]).size, await start('linked'), await start('clone')]).toEqual([5, id, ids[0]])
  expect(existsSync(at('apart/coxswain'))).toBe(true)
})

test('state that an earlier version kept by path is adopted once, and goes along from then on', async () => {
  const { pathId } = await openRepository(at('shop'))
  mkdirSync(at(`state/${pathId}/runs`), { recursive: true })
  expect([(await look('shop')).id, await start('shop')]).toEqual([pathId, pathId])
  renameSync(at('shop'), at('moved'))
  expect(await start('moved')).toBe(pathId)
  // Another one at the place that the first has left: what it finds there is not its own.
  mkdirSync(at('shop'))
  git('shop', 'init', '--quiet')
  expect(await start('shop')).not.toBe(pathId)
})

test('a copy adopts nothing by its path', async () => {
  await start('shop')
  execFileSync('cp', ['-a', at('shop'), at('copy')])
  const { pathId } = await openRepository(at('copy'))
  mkdirSync(at(`state/${pathId}/runs`), { recursive: true })
  expect(await start('copy')).not.toBe(pathId)
})

test('where nothing can be written the same id is told each time', async () => {
  const folder = join(at('shop'), '.git')
  // For root too: a file stands where the folder would.
  writeFileSync(join(folder, 'coxswain'), 'no folder')
  expect(await start('shop')).toBe(await start('shop'))
  rmSync(join(folder, 'coxswain'))
  chmodSync(folder, 0o555)
  try {
    expect(await start('shop')).toBe(await start('shop'))
  } finally {
    chmodSync(folder, 0o755)
  }
})

test('of devices that are numbered anew, what is where it was is the same', async () => {
  const id = await start('shop')
  const folder = join(at('shop'), '.git/coxswain')
  const [name = ''] = readdirSync(folder)
  const kept = JSON.parse(execFileSync('cat', [join(folder, name)], { encoding: 'utf8' })) as Record<string, unknown>
  const [, , inode] = name.split('-')
  rmSync(join(folder, name))
  writeFileSync(join(folder, `id-99999-${inode}`), JSON.stringify({ ...kept, device: '99999' }))
  expect(await start('shop')).toBe(id)
  // And known by its new number from now on.
  renameSync(at('shop'), at('moved'))
  expect(await start('moved')).toBe(id)
})

test('whatever stands in the place of an identity names no folder outside the state folder', async () => {
  const { dev, ino } = statSync(join(at('shop'), '.git'), { bigint: true })
  mkdirSync(join(at('shop'), '.git/coxswain'))
  const place = { device: String(dev), inode: String(ino), path: at('shop/.git') }
  const own = (await look('shop')).id
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string(), fc.constantFrom('../x', '/etc', '.', '..', 'a/b', '\0')), async (id) => {
      writeFileSync(join(at('shop'), `.git/coxswain/id-${dev}-${ino}`), JSON.stringify({ version: 1, id, ...place }))
      const found = await look('shop')
      expect(found.root.startsWith(`${at('state')}/`)).toBe(true)
      expect(found.root.slice(at('state').length + 1)).not.toMatch(/\/|^\.{1,2}$/)
      if (!/^[\w-][\w.-]*$/.test(id)) expect(found.id).toBe(own)
    }),
    { numRuns: 50 },
  )
  for (const damaged of ['', '{', 'null', '[]', '{"version":2,"id":"x"}', '{"version":1}']) {
    writeFileSync(join(at('shop'), `.git/coxswain/id-${dev}-${ino}`), damaged)
    expect((await look('shop')).id).toBe(own)
  }
})
