import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { extractFacts } from './extract-facts.ts'

function read(path: string, text: string) {
  return extractFacts(path, Buffer.from(text))
}

it('describes a small module whole', () => {
  const text =
    "import { z } from 'zod'\nexport { a } from './a.ts'\nexport function read(text: string) {\n  const value = JSON.parse(text)\n  if (value) console.log(value)\n  return value as string\n}\n// cox-allow parse-at-boundary owner=ana until=2030-01-01 reason=a test\n"
  expect(read('src/read.ts', text)).toMatchInlineSnapshot(`
    {
      "bytes": 252,
      "exemptions": [
        {
          "line": 8,
          "owner": "ana",
          "reason": "a test",
          "rule": "parse-at-boundary",
          "until": "2030-01-01",
        },
      ],
      "exports": [
        {
          "from": "./a.ts",
          "isType": false,
          "line": 2,
          "name": "a",
        },
        {
          "isType": false,
          "line": 3,
          "name": "read",
        },
      ],
      "functions": [],
      "imports": [
        {
          "column": 19,
          "end": 23,
          "form": "import",
          "from": "zod",
          "isType": false,
          "line": 1,
          "names": [
            "z",
          ],
          "start": 18,
        },
        {
          "column": 19,
          "end": 50,
          "form": "reexport",
          "from": "./a.ts",
          "isType": false,
          "line": 2,
          "names": [
            "a",
          ],
          "start": 42,
        },
      ],
      "kind": "source",
      "lines": 8,
      "sites": [
        {
          "column": 17,
          "detail": "JSON.parse",
          "isGuarded": false,
          "kind": "boundary-call",
          "line": 4,
          "print": "9o0tgxbbyrnw",
        },
        {
          "column": 14,
          "detail": "console.log",
          "isGuarded": false,
          "kind": "console",
          "line": 5,
          "print": "dhgq651866zwc",
        },
        {
          "column": 10,
          "detail": "string",
          "isGuarded": false,
          "kind": "cast",
          "line": 6,
          "print": "1kh1w0l16ea0xu",
        },
      ],
    }
  `)
})

it('takes an outermost cast once, and leaves const alone', () => {
  const casts = read('a.ts', 'export const a = b as unknown as C\nexport const d = [1] as const\n').sites.filter(
    (site) => site.kind === 'cast',
  )
  expect(casts.map((site) => [site.line, site.detail])).toEqual([[1, 'C']])
})

it('sees what already parses', () => {
  const text =
    'const a = (text: string) => Schema.parse(JSON.parse(text))\nconst b = (text: string): unknown => {\n  return JSON.parse(text)\n}\nconst c = () => {\n  return JSON.parse(JSON.stringify(a))\n}\nconst d = () => {\n  return JSON.parse("{}")\n}\nconst e = (text: string) => schema().parse(JSON.parse(text))\n'
  const calls = read('a.ts', text).sites.filter((site) => site.kind === 'boundary-call')
  expect(calls.map((site) => [site.line, site.isGuarded])).toEqual([
    [1, true],
    [3, true],
    [6, true],
    [9, false],
    [11, true],
  ])
})

describe('bad input is a finding of its file, never a crash', () => {
  it.each([
    ['a syntax error', 'a.ts', Buffer.from('export const = 1'), 'Unexpected token'],
    ['a binary file', 'a.ts', Buffer.from([0x65, 0, 0x66]), 'has NUL bytes: it is not text'],
    ['a file that is no UTF-8', 'a.ts', Buffer.from([0x2f, 0x2f, 0xe9, 0x0a]), 'is not UTF-8'],
    ['a huge file', 'a.ts', Buffer.alloc(5 * 1024 * 1024, 0x20), '5242880 bytes, too large to be read as source'],
  ])('%s', (_, path, content, message) => {
    expect(extractFacts(path, content).problem?.message).toBe(message)
  })

  it('a package.json that is not JSON', () => {
    expect(read('package.json', '{\n  "name": \n}').problem).toEqual({
      line: 1,
      message: expect.stringContaining('Unexpected token'),
    })
  })

  it.each([
    ['a.ts', '// <|endoftext|>\nexport const a = 1\n'],
    ['a.mts', 'export const a = 1\r\n'],
    ['a.cts', 'export = 1\n'],
    ['a.vue', '<script setup>import a from "./a.ts"</script>\n'],
    ['a.jsx', 'export const a = <p />\n'],
    ['a.md', '[broken](\n```sh\nnpm'],
    ['a.png', 'not a picture'],
  ])('%s is taken as it is', (path, text) => {
    expect(read(path, text).problem).toBeUndefined()
  })

  it('any bytes under any name', () => {
    const name = fc.constantFrom('a.ts', 'a.tsx', 'a.js', 'a.md', 'package.json', 'a.vue', 'a.yaml', 'a.sh', 'pnpm-lock.yaml')
    fc.assert(
      fc.property(name, fc.uint8Array({ maxLength: 300 }), (path, bytes) => void extractFacts(path, Buffer.from(bytes))),
      { numRuns: 300 },
    )
    fc.assert(
      fc.property(name, fc.string({ unit: 'binary', maxLength: 300 }), (path, text) => void read(path, text)),
      { numRuns: 300 },
    )
  })
})

it.each([
  ['a token without any digit', ['ghp_', 'xyRkbmQqvTxbWcyLzJzHdqsYfwgAeUprWiOo'].join('')],
  ['an access key without any digit', ['AKIA', 'QWMRTYVZXNPLKJHG'].join('')],
])('sees %s', (_, value) => {
  const facts = extractFacts('a.ts', Buffer.from(`const token = '${value}'\n`))
  expect(facts.sites.map((site) => site.kind)).toEqual(['secret'])
})

it('never keeps a secret’s value', () => {
  const value = ['ghp_', 'x7Rk2mQ9vT4bWc8LzJ5nHd3sYf6gAeUp1iOo'].join('')
  const facts = read('a.ts', `export const token = '${value}'\n`)
  expect(facts.sites.map((site) => [site.kind, site.detail, site.column])).toEqual([['secret', 'github-pat', 23]])
  expect(JSON.stringify(facts)).not.toContain(value.slice(4))
})
