import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { enforceConstraints } from './enforce-constraints.ts'
import { parseConstraint } from './parse-constraint.ts'
import type { Constraint } from './constraint.ts'

let root = ''
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'cox-enforce-'))
  for (const name of ['a.ts', 'b.ts', 'c.ts']) await writeFile(join(root, name), 'good()\nbad(1)\n')
})
afterAll(() => rm(root, { recursive: true, force: true }))

const files = ['a.ts', 'b.ts', 'c.ts']

function constraint(id: string, front: string, pattern = 'bad($A)'): Constraint {
  const text = `---\nid: ${id}\nclass: one\nseverity: warning\nscope: ['*.ts']\nrungs:\n  - check: { language: ts, pattern: '${pattern}' }\nowner: team\n${front}---\n\n# No ${id}\n\n## Why\n\nw\n\n## Fix\n\nf\n`
  const parsed = parseConstraint({ file: `harness/constraints/${id}.md`, text })
  if (parsed.constraint === null) throw new Error(JSON.stringify(parsed.problems))
  return parsed.constraint
}

async function breaches(constraints: readonly Constraint[], today = '2026-11-22'): Promise<string[]> {
  const found = await enforceConstraints({ root, constraints, files, today })
  return found.map((breach) => `${breach.id} ${breach.file}:${breach.line} ${breach.text}`)
}

test('a breach says where, what, why and the way out', async () => {
  const [first] = await enforceConstraints({ root, constraints: [constraint('bad', '')], files: ['a.ts'], today: '2026-11-22' })
  expect(first).toEqual({
    id: 'bad',
    severity: 'warning',
    file: 'a.ts',
    line: 2,
    column: 1,
    text: 'bad(1)',
    what: 'No bad',
    why: 'w',
    fix: 'f',
    see: ['harness/constraints/bad.md'],
    isBroken: false,
  })
})

test('an exemption holds until its day has passed', async () => {
  const exempt = constraint('bad', 'exemptions:\n  - { path: a.ts, owner: ann, reason: legacy, expires: 2026-11-22 }\n')
  expect(await breaches([exempt])).toEqual(['bad b.ts:2 bad(1)', 'bad c.ts:2 bad(1)'])
  expect(await breaches([exempt], '2026-11-23')).toHaveLength(3)
})

test('where a constraint is overridden, the other one holds', async () => {
  const wide = constraint('wide', '')
  const narrow = constraint('narrow', "except: ['a.ts', 'b.ts']\noverrides: [wide]\n", 'good()')
  expect((await breaches([wide, narrow])).toSorted()).toEqual([
    'narrow c.ts:1 good()',
    'wide a.ts:2 bad(1)',
    'wide b.ts:2 bad(1)',
  ])
})
