import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { runCheck } from '../run-check.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cox-patterns-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const told = 'message: moment is slow, why: It is large., fix: [Use dayjs.]'

it('a team’s pattern is a rule: its words, its place, its severity, its globs', async () => {
  write(
    'harness/checks.yaml',
    `patterns:\n  - { id: no-moment, rule: 'moment($$$ARGS)', severity: warning, include: ['src/**'], exclude: ['**/old/**'], ${told} }\n`,
  )
  write('src/a.ts', 'export const a = 1\n  export const b = moment(a, 1)\n')
  write('src/old/b.ts', 'export const b = moment(1)\n')
  write('lib/c.ts', 'export const c = moment(1)\n')
  write('src/view.tsx', 'export const d = <p>{moment(1)}</p>\n')
  const [finding, ...others] = (await check()).findings
  expect(others).toEqual([])
  expect(finding).toMatchObject({
    rule: 'no-moment',
    severity: 'warning',
    file: 'src/a.ts',
    line: 2,
    column: 20,
    what: 'moment is slow',
    why: 'It is large.',
    fix: ['Use dayjs.'],
    see: 'harness/checks.yaml',
  })
})

it('takes whole rules of ast-grep, for tsx and JavaScript too, and can be asked for alone', async () => {
  const rule = '{ pattern: "moment($A)", inside: { kind: function_declaration, stopBy: end } }'
  const patterns = ['tsx', 'javascript'].map(
    (language) => `  - { id: in-${language}, language: ${language}, rule: ${rule}, ${told} }`,
  )
  write('harness/checks.yaml', `patterns:\n${patterns.join('\n')}\n`)
  write('a.tsx', 'function A() {\n  return moment(1)\n}\nmoment(2)\n')
  write('b.js', 'function b() {\n  return moment(1)\n}\nmoment(2)\n')
  const places = async (rules: string[]) =>
    (await check({ rules })).findings.map(({ rule: id, file, line }) => `${id} ${file}:${line}`)
  expect(await places([])).toEqual(expect.arrayContaining(['in-tsx a.tsx:2', 'in-javascript b.js:2']))
  expect(await places(['in-tsx'])).toEqual(['in-tsx a.tsx:2'])
})

it('keeps the fingerprint of a match whose line moves, and tells two equal matches apart', async () => {
  write('harness/checks.yaml', `patterns:\n  - { id: no-moment, rule: 'moment($A)', ${told} }\n`)
  write('a.ts', 'moment(1)\nmoment(1)\n')
  const prints = async () => (await check({ rules: ['no-moment'] })).findings.map(({ fingerprint }) => fingerprint)
  const before = await prints()
  expect(new Set(before).size).toBe(2)
  write('a.ts', '// first\n\nmoment(1)\nmoment(1)\n')
  expect(await prints()).toEqual(before)
})

it('CHK-35 is exempted from like any rule, and looks at nothing that no rule looks at', async () => {
  const entries = ['b.ts, until: 2999-01-01', 'c.ts, until: 2020-01-01'].map(
    (end) => `  - { rule: no-moment, owner: ana, reason: old, files: [${end.replace(',', '],')} }\n`,
  )
  const pattern = `patterns:\n  - { id: no-moment, rule: 'moment($A)', ${told} }\n`
  write('harness/checks.yaml', `exclude: [old/**]\nrules: { exemption-form: off }\nexemptions:\n${entries.join('')}${pattern}`)
  for (const file of ['a.ts', 'b.ts', 'c.ts', 'old/d.ts', 'f.gen.ts']) write(file, 'moment(1)\n')
  write(
    'e.ts',
    'const a = 1\nconst b = 1\nconst c = 1\n// cox-allow no-moment owner=ana until=2999-01-01 reason=old\nmoment(1)\n',
  )
  const { findings, notes } = await check()
  expect(findings.map(({ rule, file }) => [rule, file])).toEqual([
    ['no-moment', 'a.ts'],
    ['no-moment', 'c.ts'],
  ])
  expect(notes).toEqual([
    'harness/checks.yaml: the exemption from no-moment of c.ts by ana ended on 2020-01-01; remove the entry',
  ])
})

it.each([
  ['a rule that is none', 'rule: { patern: x }', /^harness\/checks\.yaml: pattern no-moment: /],
  ['an id with blanks', 'id: no moment, rule: x', /^harness\/checks\.yaml:2: patterns\.0\.id: kebab-case$/],
  ['no way out', 'rule: x, fix: []', /^harness\/checks\.yaml:2: patterns\.0\.fix: /],
])('%s is an error of configuration', async (_, part, message) => {
  const own = part.includes('id:') ? '' : 'id: no-moment, '
  const fix = part.includes('fix:') ? '' : ', fix: [y]'
  write('harness/checks.yaml', `patterns:\n  - { ${own}${part}, message: m, why: w${fix} }\n`)
  write('a.ts', 'x\n')
  await expect(check()).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringMatching(message) })
})

it('a file with a syntax error is left to the rule that tells it', async () => {
  write('harness/checks.yaml', `rules: { readable-file: error }\npatterns:\n  - { id: no-moment, rule: 'moment($A)', ${told} }\n`)
  write('a.ts', 'moment(1)\nconst = 2\n')
  expect((await check()).findings.map(({ rule }) => rule)).toEqual(['readable-file'])
})

const check = (options: Partial<Parameters<typeof runCheck>[0]> = {}) => runCheck({ cwd: root, cache: false, ...options })

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}
