import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { rungKinds } from './constraint.ts'
import { formatConstraint } from './format-constraint.ts'
import { newConstraint } from './new-constraint.ts'
import { parseConstraint } from './parse-constraint.ts'
import { renderProblems } from './problem.ts'
import { testConstraints } from './test-constraints.ts'

const whole = `---
id: whole
class: a-class
severity: error
scope: ['src/**'] # everything
rungs:
  - check: { language: ts, pattern: 'bad($A)' }
  - root: Be good
owner: team
exemptions:
  - { path: src/old/**, owner: ann, reason: moved soon, expires: 2027-01-31 }
---

# Be good

## Why

It was bad.

## Fix

Write good code.

## Bad

\`\`\`ts src/a.ts
## Good is a heading only outside a fence
bad(1)
\`\`\`

## Good

\`\`\`\`ts src/a.ts
\`\`\`
good(1)
\`\`\`\`
`

function problemsOf(text: string, file = 'harness/constraints/whole.md'): string {
  return renderProblems(parseConstraint({ file, text }).problems)
}

test('a whole constraint', () => {
  const { constraint, problems } = parseConstraint({ file: 'harness/constraints/whole.md', text: whole })
  expect(problems).toEqual([])
  expect(constraint).toEqual({
    id: 'whole',
    class: 'a-class',
    severity: 'error',
    scope: ['src/**'],
    except: [],
    rungs: [{ check: { language: 'ts', pattern: 'bad($A)' } }, { root: 'Be good' }],
    see: [],
    owner: 'team',
    evidence: [],
    exemptions: [{ path: 'src/old/**', owner: 'ann', reason: 'moved soon', expires: '2027-01-31' }],
    overrides: [],
    file: 'harness/constraints/whole.md',
    title: 'Be good',
    why: 'It was bad.',
    fix: 'Write good code.',
    bad: [{ language: 'ts', path: 'src/a.ts', text: '## Good is a heading only outside a fence\nbad(1)\n' }],
    good: [{ language: 'ts', path: 'src/a.ts', text: '```\ngood(1)\n' }],
  })
})

test('CRLF and a byte-order mark change nothing', () => {
  const file = 'harness/constraints/whole.md'
  expect(parseConstraint({ file, text: `\uFEFF${whole.replaceAll('\n', '\r\n')}` })).toEqual(
    parseConstraint({ file, text: whole }),
  )
})

test.for<readonly [string, string, string]>([
  ['an unknown key', whole.replace('owner: team', 'ownr: team'), 'owner'],
  ['an unknown rung', whole.replace('- root: Be good', '- rot: Be good'), 'root'],
  ['an unknown key of a check', whole.replace('pattern:', 'patern:'), 'pattern'],
  ['a misspelt section', whole.replace('## Why', '## Whyy'), 'Why'],
  ['a misspelt value', whole.replace('severity: error', 'severity: warn'), 'warning'],
])('%s is named with the nearest known one', ([, text, near]) => {
  expect(problemsOf(text)).toContain(`Did you mean \`${near.startsWith('W') ? '## ' : ''}${near}\`?`)
})

test('a key that is misspelt is not missing as well, and one word where a list belongs is shown as a list', () => {
  const text = whole.replace('class:', 'clas:').replace("['src/**']", 'src/**')
  expect(problemsOf(text)).toBe(`error VALUE_INVALID harness/constraints/whole.md:5
  \`scope\`: write a list, not "src/**"
  → Write it as a list: ['src/**'].
error KEY_UNKNOWN harness/constraints/whole.md:3
  \`clas\` is not a known key
  → Did you mean \`class\`?
`)
})

test('each problem has the line of what is wrong', () => {
  const text = whole
    .replace('severity: error', 'severity: fatal')
    .replace("scope: ['src/**']", "scope: ['../out/**']")
    .replace('2027-01-31', 'soon')
  expect(problemsOf(text)).toBe(`error VALUE_INVALID harness/constraints/whole.md:4
  \`severity\`: write "error", "warning" or "advice", not "fatal"
  → Correct this line; \`cox constraint new <id>\` writes a valid file to compare with.
error VALUE_INVALID harness/constraints/whole.md:11
  \`exemptions[1].expires\`: write the day as yyyy-mm-dd
  → Correct this line; \`cox constraint new <id>\` writes a valid file to compare with.
`)
})

test.for<readonly [string, string, string]>([
  ['no front matter', 'text', 'FRONT_MATTER_MISSING'],
  ['an unclosed one', '---\nid: a\n', 'FRONT_MATTER_MISSING'],
  ['broken YAML', '---\nid: [\n---\n', 'YAML_INVALID'],
  ['a key written twice', whole.replace('owner: team', 'owner: team\nowner: two'), 'YAML_INVALID'],
  [
    'an alias bomb',
    '---\na: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n---\n',
    'VALUE_INVALID',
  ],
  ['conflict markers', `<<<<<<< a\n${whole}=======\n>>>>>>> b\n`, 'MERGE_CONFLICT'],
  ['an enormous body', `${whole}${'x'.repeat(300_000)}`, 'FILE_TOO_LARGE'],
  ['NUL bytes', `${whole}\0`, 'FILE_BINARY'],
  ['a scope that takes back', whole.replace('src/**', '!src/**'), 'SCOPE_NEGATED'],
  ['a scope outside the tree', whole.replace('src/**', '../src/**'), 'SCOPE_OUTSIDE'],
  ['an absolute scope', whole.replace('src/**', '/etc/**'), 'SCOPE_OUTSIDE'],
  [
    'an input outside the tree',
    whole.replace("{ language: ts, pattern: 'bad($A)' }", "{ command: [x], inputs: ['../a'] }"),
    'SCOPE_OUTSIDE',
  ],
  ['an error without check', whole.replace(/ {2}- check.*\n/, ''), 'ERROR_WITHOUT_CHECK'],
  ['an error without example', whole.replace(/## Good\n\n[\s\S]*$/, ''), 'ERROR_WITHOUT_EXAMPLE'],
  ['a day that the calendar has not', whole.replace('2027-01-31', '2027-02-31'), 'VALUE_INVALID'],
  ['a section twice', `${whole}\n## Why\n\nAgain.\n`, 'SECTION_TWICE'],
])('%s is a problem', ([, text, code]) => {
  expect(problemsOf(text)).toContain(`error ${code} harness/constraints/whole.md:`)
})

test('an id that is not the file name is a problem', () => {
  expect(problemsOf(whole, 'harness/constraints/other.md')).toContain('ID_NOT_FILE_NAME')
})

test('hostile text is a value, never a crash', () => {
  const part = fc.oneof(
    fc.string(),
    fc.constantFrom(
      '---\n',
      '\n',
      ': ',
      '- ',
      '# ',
      '## Why\n',
      '```\n',
      '&a',
      '*a',
      '!!js/function x',
      '\uFEFF',
      '\0',
      '{{',
      '[',
      'id: x\n',
    ),
  )
  const text = fc.array(part, { maxLength: 30 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(text, (body) => {
      const plain = parseConstraint({ file: 'harness/constraints/x.md', text: body })
      const framed = parseConstraint({ file: 'harness/constraints/x.md', text: `---\n${body}\n---\n${body}` })
      expect([...plain.problems, ...framed.problems].every((problem) => problem.line >= 1 && problem.hint !== '')).toBe(true)
      expect(plain.constraint === null ? plain.problems.length : 1).toBeGreaterThan(0)
    }),
    { numRuns: 1_000 },
  )
})

test.for(rungKinds)('a new constraint on the rung %s is valid, and its check proves itself', async (rung) => {
  const text = newConstraint({ id: 'a-new-one', rung })
  const { constraint, problems } = parseConstraint({ file: 'harness/constraints/a-new-one.md', text })
  expect(problems).toEqual([])
  const results = await testConstraints(constraint === null ? [] : [constraint])
  expect(results.map((result) => result.verdict)).toEqual(rung === 'check' ? ['passed'] : [])
})

test('formatting orders keys, keeps comments and prose, and settles at once', () => {
  const shuffled = whole.replace('owner: team\n', '').replace('id: whole\n', '# about the id\nowner: team\nid: whole\n')
  const formatted = formatConstraint(shuffled)
  expect(
    formatted
      .split('\n')
      .filter((line) => /^[a-z]+:/.test(line))
      .map((line) => line.split(':')[0]),
  ).toEqual(['id', 'class', 'severity', 'scope', 'rungs', 'owner', 'exemptions'])
  expect(formatted).toContain('# everything')
  expect(formatConstraint(formatted)).toBe(formatted)
  expect(parseConstraint({ file: 'harness/constraints/whole.md', text: formatted })).toEqual(
    parseConstraint({ file: 'harness/constraints/whole.md', text: whole }),
  )
})

test('formatting writes lists as people do, and changes no value, whatever brackets it holds', () => {
  const line = (value: unknown): string => `see: ${JSON.stringify(value)} # [ a ]\n`
  const front = (yaml: string): string => `---\n${yaml}---\n\n# A\n`
  expect(formatConstraint(front(`rungs: [ { review: { role: a, text: "[ b ]" } } ]\nsee: [ ]\nowner: a [ b ]\n`))).toBe(
    front(`rungs: [{ review: { role: a, text: "[ b ]" } }]\nsee: []\nowner: a [ b ]\n`),
  )
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: fc.constantFrom('[', ']', ' ', '{', ',', "'", '"', '#', ':', 'a', '\n', '\u001f') })),
      (list) => {
        const text = formatConstraint(front(line(list)))
        expect(parse(text.split('---\n')[1] ?? '')).toEqual({ see: list })
        expect(formatConstraint(text)).toBe(text)
      },
    ),
  )
})
