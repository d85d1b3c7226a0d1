import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createFactTree } from '@coxswain/facts'
import { rules } from '@coxswain/rules'
import { describe, expect, it } from 'vitest'
import { openSession } from './engine/check-session.ts'
import type { Finding } from './finding.ts'
import { renderFinding } from './report/render-text.ts'

const documents = fileURLToPath(new URL('../../../../docs/rules/', import.meta.url))

describe.each(rules.map((rule) => rule.id))('%s', (id) => {
  const sections = readSections(readFileSync(`${documents}${id}.md`, 'utf8'))

  it('finds something in its bad example, in the form every message has', async () => {
    const findings = await check(id, sections, 'Bad')
    expect(findings.length).toBeGreaterThan(0)
    for (const finding of findings) expectForm(finding, sections)
  })

  it('finds nothing in its good example', async () => {
    expect(await check(id, sections, 'Good')).toEqual([])
  })
})

it('max-function-lines tells once of a function that is little but another one', async () => {
  const sections = readSections(readFileSync(`${documents}max-function-lines.md`, 'utf8'))
  const findings = await check('max-function-lines', sections, 'Bad')
  expect(
    findings.map(({ file, line, what, fix }) => `${file}:${line} ${what}. ${fix[0]?.split('. ').slice(1).join('. ')}`),
  ).toEqual([
    'src/curried.ts:1 devtools has 10 lines, 2 over 8. Its lines are those of the function of line 1, which it is little but a frame of.',
    'src/curried.ts:13 count has 9 lines, 1 over 8. It makes up nearly all of createCounter, which gets shorter with it.',
    'src/sum.ts:1 sum has 12 lines, 4 over 8. ',
  ])
  const two = ['a', 'b'].map((name) => `  function ${name}() {\n${'    set()\n'.repeat(9)}  }`).join('\n')
  const frame = `export function frame() {\n${'  set()\n'.repeat(9)}  return () => {\n${'    set()\n'.repeat(9)}  }\n}\n`
  const source = `export function outer() {\n${two}\n}\n${frame}`
  const apart = new Map([...sections, ['Bad', new Map([['src/apart.ts', source]])]])
  const whats = (await check('max-function-lines', apart, 'Bad')).map(({ what }) => what.split(',')[0])
  expect(whats).toEqual([
    'outer has 24 lines',
    'a has 11 lines',
    'b has 11 lines',
    'frame has 22 lines',
    'A function has 11 lines',
  ])
})

type Sections = ReadonlyMap<string, ReadonlyMap<string, string>>

/** Code blocks of a document by heading; the first line of a block names its file. */
function readSections(text: string): Sections {
  const sections = new Map<string, Map<string, string>>()
  let heading = ''
  for (const match of text.matchAll(/^## (.+)$|^(`{3,})\w+ (\S+)\n([\s\S]*?)\n\2$/gm)) {
    if (match[1] !== undefined) heading = match[1]
    else sections.set(heading, (sections.get(heading) ?? new Map()).set(match[3] ?? '', match[4] ?? ''))
  }
  return sections
}

async function check(id: string, sections: Sections, which: 'Bad' | 'Good'): Promise<readonly Finding[]> {
  const root = mkdtempSync(join(tmpdir(), 'cox-rule-'))
  try {
    for (const [file, text] of [...(sections.get('Setup') ?? []), ...(sections.get(which) ?? [])]) {
      mkdirSync(dirname(join(root, file)), { recursive: true })
      writeFileSync(join(root, file), `${text}\n`)
    }
    const before = sections.get('Before')
    const session = await openSession({ tree: createFactTree(root, null), only: [id], before: async () => before ?? null })
    return session.findings()
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

function expectForm(finding: Finding, sections: Sections): void {
  const text = renderFinding(finding)
  expect(text.split('\n').length).toBeLessThanOrEqual(12)
  expect(text).not.toMatch(/undefined|null|\[object|NaN|,\s*,/)
  expect(finding.what).toMatch(/^\S/)
  expect(finding.why).toMatch(/\.$/)
  expect(finding.fix.length).toBeGreaterThan(0)
  for (const way of finding.fix) expect(way).toMatch(/^[`A-Z].*[.;`]$/)
  expect(finding.see).toBe(`docs/rules/${finding.rule}.md`)
  expect(finding.fingerprint).toMatch(/^[0-9a-f]{16}$/)
  // A message that could be about any repository helps nobody: it names something that is there.
  const named = [...(sections.get('Setup') ?? []), ...(sections.get('Bad') ?? [])].flatMap(([file, content]) => [
    file,
    file.slice(file.lastIndexOf('/') + 1),
    ...(content.match(/[A-Za-z][\w-]{3,}/g) ?? []),
  ])
  expect(named.some((name) => `${finding.what} ${finding.fix.join(' ')}`.includes(name))).toBe(true)
}
