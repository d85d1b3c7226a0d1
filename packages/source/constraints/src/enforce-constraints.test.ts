import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { enforceConstraints } from './enforce-constraints.ts'
import { openMatchCache } from './match-cache.ts'
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

test('a command that says what it reads runs when something of that changes, and only then', async () => {
  await writeFile(
    join(root, 'check.mjs'),
    "import { appendFileSync, readFileSync } from 'node:fs'\nappendFileSync('runs.log', 'x')\nconsole.log(`${process.argv.at(-1)}:2 ${readFileSync('limit.json', 'utf8')}`)\nprocess.exitCode = 1\n",
  )
  await writeFile(join(root, 'limit.json'), '1')
  const cache = openMatchCache(join(root, 'cache'))
  const made = constraint('made', '')
  const enforce = async (inputs: readonly string[] | null): Promise<string> => {
    const check = { command: [process.execPath, 'check.mjs'], found: [1], ...(inputs === null ? {} : { inputs: [...inputs] }) }
    const found = await enforceConstraints({
      root,
      constraints: [{ ...made, rungs: [{ check }] }],
      files,
      today: '2026-11-22',
      cache,
    })
    const runs = (await readFile(join(root, 'runs.log'), 'utf8')).length
    return `${runs} ${found.map((breach) => `${breach.file}:${breach.line} ${breach.text}`).join()}`
  }
  expect(await enforce(['*.json'])).toBe('1 c.ts:2 c.ts:2 1')
  expect(await enforce(['*.json'])).toBe('1 c.ts:2 c.ts:2 1')
  await writeFile(join(root, 'limit.json'), '2')
  expect(await enforce(['*.json'])).toBe('2 c.ts:2 c.ts:2 2')
  await appendFile(join(root, 'a.ts'), 'more()\n')
  expect(await enforce(['*.json'])).toBe('3 c.ts:2 c.ts:2 2')
  await appendFile(join(root, 'check.mjs'), '// changed\n')
  expect(await enforce(['*.json'])).toBe('4 c.ts:2 c.ts:2 2')
  expect(await enforce(['*.json'])).toBe('4 c.ts:2 c.ts:2 2')
  expect(await enforce(null)).toBe('5 c.ts:2 c.ts:2 2')
  expect(await enforce(null)).toBe('6 c.ts:2 c.ts:2 2')
  await writeFile(join(root, 'check.mjs'), 'process.exitCode = 3\n')
  for (let round = 0; round < 2; round += 1) expect(await enforce(['*.json'])).toContain('6 harness/constraints/made.md:1')
  await writeFile(join(root, 'check.mjs'), 'process.exitCode = 0\n')
  expect(await enforce(['*.json'])).toBe('6 ')
})

test('a check that cannot run is an error at its own file, also of mere advice', async () => {
  const advice: Constraint = {
    ...constraint('advice', ''),
    severity: 'advice',
    rungs: [{ check: { command: ['no-such-program-anywhere'], found: [1] } }],
  }
  const [first, ...more] = await enforceConstraints({ root, constraints: [advice], files, today: '2026-11-22' })
  expect([first?.severity, first?.isBroken, first?.file, first?.line, more]).toEqual([
    'error',
    true,
    'harness/constraints/advice.md',
    1,
    [],
  ])
  expect(first?.what).toContain('Its check cannot run: ')
})
