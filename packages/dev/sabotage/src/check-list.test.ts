import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { checkList } from './check-list.ts'
import { readList } from './read-list.ts'

test('our list: each promise of specs/ has a line or a reason, and each line stands where it says', () => {
  const list = readList(fileURLToPath(new URL('../sabotages.yaml', import.meta.url)))
  expect(checkList(fileURLToPath(new URL('../../../../', import.meta.url)), list)).toEqual([])
})

test('what a list may have wrong is told', () => {
  const root = mkdtempSync(join(tmpdir(), 'cox-list-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  mkdirSync(join(root, 'specs'))
  writeFileSync(join(root, 'specs/sums.md'), '- SUM-1 Adds.\n- SUM-2 Never fails.\n- SUM-3 Is fast.\n- SUM-4 Is small.\n')
  writeFileSync(join(root, 'sum.ts'), 'a + b + b\n')
  const line = { breaks: '', file: 'sum.ts', to: 'c' }
  expect(
    checkList(root, {
      slow: [],
      sabotages: [
        { ...line, promise: 'SUM-1', from: 'a' },
        { ...line, promise: 'SUM-1', from: 'b' },
        { ...line, promise: 'SUM-9', from: 'a' },
      ],
      without: [
        { reason: 'a figure', promises: ['SUM-3', 'SUM-1'] },
        { reason: 'another', promises: ['SUM-3', 'SUM-8'] },
      ],
    }),
  ).toEqual([
    'SUM-1: `from` occurs 2 times in sum.ts: b',
    'SUM-9 is promised nowhere in specs/',
    'SUM-8 is promised nowhere in specs/',
    'SUM-1 is listed twice',
    'SUM-3 is listed twice',
    'neither a sabotage nor a reason to have none: SUM-2, SUM-4',
  ])
})
