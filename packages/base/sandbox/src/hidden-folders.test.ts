import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { hiddenFolders } from './hidden-folders.ts'
import { cutSecrets, shownHomes } from './shown-homes.ts'

let root: string
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'cox-root-')))
  const files = [
    '.ssh/id',
    '.npmrc',
    '.gitconfig',
    '.config/gh/hosts.yml',
    '.config/git/ignore',
    '.local/state/coxswain/x',
    'usr/bin/git',
  ]
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), 'x')
  }
  symlinkSync('usr/bin', join(root, '.bin'))
})
afterEach(() => rmSync(root, { recursive: true }))

test('where the root of the file system is a home, keys and logins in it are hidden, and programs are not', async () => {
  const folders = await hiddenFolders({ HOME: root }, root)
  const within = (paths: readonly string[]): string[] =>
    paths
      .filter((path) => path.startsWith(root))
      .map((path) => path.slice(root.length + 1))
      .toSorted()
  expect(within(folders.hidden)).toEqual(['.config', '.local', '.local/state/coxswain', '.ssh'])
  expect(within(folders.emptied)).toEqual(['.gitconfig', '.npmrc'])
  const shown = await shownHomes({ homes: [root] })
  expect(within(shown.map(({ path }) => path))).toEqual(['.config/git', '.gitconfig'])
  expect(
    await cutSecrets(
      { homes: [root] },
      shown.map(({ path }) => path),
    ),
  ).toEqual([])
})

test('without anybody who lives there, nothing of it is hidden', async () => {
  const folders = await hiddenFolders({ HOME: join(root, 'usr') }, root)
  expect([...folders.hidden, ...folders.emptied].filter((path) => dirname(path) === root)).toEqual([join(root, 'usr')])
})
