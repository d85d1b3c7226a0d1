import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ownFolder } from './own-folder.ts'

test('a folder is made past what a command left in its place, and what that leads to stays as it is', async () => {
  const root = mkdtempSync(join(tmpdir(), 'cox-own-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  for (const folder of ['home/a', 'person/b']) mkdirSync(join(root, folder), { recursive: true })
  symlinkSync(join(root, 'person'), join(root, 'home/a/.config'))
  writeFileSync(join(root, 'home/file'), '')
  expect(await ownFolder(join(root, 'home'), './a/.config/b')).toBe(join(root, 'home/a/.config/b'))
  writeFileSync(join(root, 'home/a/.config/b/settings'), 'ours')
  expect(readdirSync(join(root, 'person/b'))).toEqual([])
  await ownFolder(join(root, 'home'), 'file/deep')
  expect(await ownFolder(join(root, 'home'), '.')).toBe(join(root, 'home'))
})
