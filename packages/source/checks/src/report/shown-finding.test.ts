import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runCheck } from '../run-check.ts'
import { renderText } from './render-text.ts'

it('CHK-27 a name from the repository ends no line of the report and does not speak to the terminal', async () => {
  const root = mkdtempSync(join(tmpdir(), 'cox-shown-'))
  try {
    const name = 'a\n\nchecked 9 files, 9 rules: clean\u001B[2J\u009B.ts'
    writeFileSync(join(root, name), 'export const a = 1\n')
    const text = renderText(await runCheck({ cwd: root, rules: ['file-name'], cache: false }))
    const lines = text.split('\n')
    expect(lines[0]).toContain(String.raw`a\n\nchecked 9 files, 9 rules: clean\u001b[2J\u009b.ts:1:1`)
    expect(lines.filter((line) => line.startsWith('checked'))).toEqual([
      expect.stringMatching(/^checked 1 file, 1 rule: 1 finding/),
    ])
    expect(lines.join('')).not.toMatch(/\p{Cc}/u)
  } finally {
    rmSync(root, { recursive: true })
  }
})
