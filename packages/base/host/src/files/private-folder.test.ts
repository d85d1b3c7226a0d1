import { mkdtemp, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { copyIfPresent, makePrivateFolder, replaceLink } from './private-folder.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cox-private-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

test('a private folder is closed to others and may exist already', async () => {
  const folder = join(root, 'a/b')
  await makePrivateFolder(folder)
  await makePrivateFolder(folder)
  expect((await stat(folder)).mode & 0o777).toBe(0o700)
})

test('a link replaces a file and an older link, also to nothing', async () => {
  const path = join(root, 'link')
  await writeFile(path, 'a file')
  await replaceLink('/nowhere/one', path)
  await replaceLink('/nowhere/two', path)
  expect(await readlink(path)).toBe('/nowhere/two')
})

test('a copy tells whether there was something to copy', async () => {
  await writeFile(join(root, 'from'), 'x')
  expect(await copyIfPresent(join(root, 'from'), join(root, 'to'))).toBe(true)
  expect(await readFile(join(root, 'to'), 'utf8')).toBe('x')
  expect(await copyIfPresent(join(root, 'missing'), join(root, 'to'))).toBe(false)
})
