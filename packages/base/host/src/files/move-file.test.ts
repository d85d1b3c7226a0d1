import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createFile, moveFile } from './move-file.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cox-move-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

test('a file moves into a new folder, once', async () => {
  await writeFile(join(root, 'a'), 'x')
  expect(await moveFile(join(root, 'a'), join(root, 'new/b'))).toBe(true)
  expect(await readFile(join(root, 'new/b'), 'utf8')).toBe('x')
  expect(await moveFile(join(root, 'a'), join(root, 'new/b'))).toBe(false)
})

test('a place that is taken is left alone', async () => {
  expect(await createFile(join(root, 'deep/a'), 'mine')).toBe(true)
  expect(await createFile(join(root, 'deep/a'), 'other')).toBe(false)
  await writeFile(join(root, 'b'), 'b')
  expect(await moveFile(join(root, 'b'), join(root, 'deep/a'))).toBe(false)
  expect(await readFile(join(root, 'deep/a'), 'utf8')).toBe('mine')
})
