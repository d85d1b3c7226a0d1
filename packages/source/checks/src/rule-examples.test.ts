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
