import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { renderText } from '../report/render-text.ts'
import { runCheck } from '../run-check.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cox-entry-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

async function told(...rules: string[]): Promise<string> {
  return renderText(await runCheck({ cwd: root, cache: false, rules }))
}

test('CHK-19 a package without a known entry is called not judged, and not clean without a word', async () => {
  write('package.json', '{ "name": "root", "private": true, "workspaces": ["apps/*"] }')
  write('apps/web/package.json', '{ "name": "web", "private": true, "dependencies": { "left-pad": "1" } }')
  write('apps/web/app/page.tsx', 'export default function Page() {\n  return null\n}\n')
  write('apps/web/lib/dead.ts', 'export const dead = 1\n')
  const note = /not judged whether in use: what is in web, because no entry is known there/
  expect(await told()).toMatch(note)
  expect(await told('unused-file')).toMatch(note)
  expect(await told('max-lines')).not.toMatch(note)
  write('apps/web/package.json', '{ "name": "web", "private": true, "main": "lib/dead.ts" }')
  expect(await told()).not.toMatch(note)
})

test('CHK-14 where there is no code of a language that is looked at, nothing is called clean', async () => {
  write('a.py', 'import os\n')
  const text = await told()
  expect(text).toMatch(/note: nothing here is TypeScript or JavaScript/)
  expect(text).toMatch(/: no finding, and no code to look at$/)
  write('b.js', 'export const b = 1\n')
  expect(await told()).toMatch(/: clean$/)
})

test('CHK-14 where no rule that was asked for has a check, nothing is called clean', async () => {
  write('b.js', 'export const b = 1\n')
  const head =
    '---\nid: no-moment\nclass: no-moment\nseverity: warning\nscope:\n  - "**/*"\nrungs:\n  - path: No moment\nowner: unowned\nevidence: []\n---\n'
  write(
    'harness/constraints/no-moment.md',
    `${head}\n# No moment\n\n## Why\n\nDates are told by the platform.\n\n## Fix\n\nUse Temporal.\n`,
  )
  expect(await told('no-moment')).toMatch(/checked \d+ files?, 0 rules: no rule has a check here, so that nothing was checked$/)
})
