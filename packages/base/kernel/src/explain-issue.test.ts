import { expect, test } from 'vitest'
import { explainIssue, explainIssues, type SchemaIssue } from './explain-issue.ts'

/** Issues as zod 4 reports them, with the value that was given. */
const issue = (more: Partial<SchemaIssue> & Pick<SchemaIssue, 'code'>): SchemaIssue => ({
  message: 'Invalid input',
  path: [],
  ...more,
})

const rows: readonly [SchemaIssue, unknown, string][] = [
  [issue({ code: 'invalid_type', expected: 'number', path: ['a'] }), { a: 'many' }, 'write a number, not "many"'],
  [issue({ code: 'invalid_type', expected: 'string', path: ['a'] }), {}, 'write text; it is missing'],
  [issue({ code: 'invalid_type', expected: 'object' }), ['a'], 'write keys with values, not a list'],
  [
    issue({ code: 'invalid_type', expected: 'string', message: 'a duration such as 90s' }),
    30,
    'write a duration such as 90s, not the number 30',
  ],
  [issue({ code: 'invalid_value', values: ['ask', 'auto'] }), 'never', 'write "ask" or "auto", not "never"'],
  [
    issue({ code: 'too_small', origin: 'number', minimum: 1, inclusive: true, message: 'Too small' }),
    0,
    'write a number of at least 1, not the number 0',
  ],
  [
    issue({ code: 'too_small', origin: 'number', minimum: 0, inclusive: false, message: 'Too small' }),
    -1,
    'write a number of more than 0, not the number -1',
  ],
  [issue({ code: 'too_small', origin: 'string', minimum: 1, message: 'Too small' }), '', 'write something here, not ""'],
  [issue({ code: 'too_small', origin: 'array', minimum: 1, message: 'Too small' }), [], 'write at least one entry, not a list'],
  [
    issue({ code: 'too_big', origin: 'string', maximum: 3, message: 'Too big' }),
    'long',
    'write at most 3 characters, not "long"',
  ],
  [issue({ code: 'unrecognized_keys', keys: ['x', 'y'], message: 'Unrecognized keys' }), { x: 1, y: 2 }, 'unknown keys "x", "y"'],
  [issue({ code: 'invalid_format', message: 'a name is kebab-case' }), 'A B', 'a name is kebab-case'],
  [
    issue({ code: 'invalid_format', message: 'Invalid string: must match pattern /x/' }),
    'A',
    '"A" does not have the form that is needed here',
  ],
  [issue({ code: 'custom', message: 'two gates have the same name' }), [], 'two gates have the same name'],
  [
    issue({ code: 'invalid_key', issues: [issue({ code: 'custom', message: 'a name is kebab-case' })] }),
    {},
    'a name is kebab-case',
  ],
]
test.each(rows)('%j', (found, value, words) => {
  expect(explainIssue(found, value)).toBe(words)
})

test('of a union: what is wrong with the branch that was meant, else what each would take', () => {
  const text = issue({ code: 'invalid_type', expected: 'string' })
  const none = issue({ code: 'invalid_type', expected: 'null' })
  const inList = issue({ code: 'invalid_type', expected: 'string', path: [1] })
  expect(explainIssue(issue({ code: 'invalid_union', errors: [[text], [none]] }), 3)).toBe('write text or null, not the number 3')
  expect(explainIssue(issue({ code: 'invalid_union', errors: [[inList], [text]] }), ['a', 1])).toBe(
    '1: write text, not the number 1',
  )
})

test('several, each after its place', () => {
  const found = ['a', 'b'].map((key) => issue({ code: 'invalid_type', expected: 'boolean', path: [key] }))
  expect(explainIssues(found, { a: 1, b: null })).toBe(
    'a: write true or false, not the number 1; b: write true or false, not null',
  )
})
