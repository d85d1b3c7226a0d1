import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { PatternCheck } from './constraint.ts'
import { openMatchCache } from './match-cache.ts'
import { matchPatterns } from './match-patterns.ts'

let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cox-match-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

const write = (file: string, text: string): Promise<void> => writeFile(join(root, file), text)
const pattern = (text: string, language = 'ts'): PatternCheck => ({ language, pattern: text })

async function find(
  checks: readonly PatternCheck[],
  files: readonly string[],
  cache: string | null = null,
): Promise<(string[] | string)[]> {
  const opened = cache === null ? null : openMatchCache(join(root, cache))
  const found = await matchPatterns(
    checks.map((check) => ({ check, files })),
    { root, cache: opened },
  )
  await opened?.save()
  return found.map((one) =>
    Array.isArray(one) ? one.map(({ file, line, column, text }) => `${file}:${line}:${column} ${text}`) : one.message,
  )
}

test('each language looks at its own files', async () => {
  await write('a.ts', 'bad(1)\n')
  await write('b.tsx', 'const view = <b>{bad(2)}</b>\n')
  await write('c.mjs', '\n  bad(3)\n')
  await write('d.css', 'a { color: red }\n')
  const files = ['a.ts', 'b.tsx', 'c.mjs', 'd.css']
  expect(
    await find([pattern('bad($A)'), pattern('bad($A)', 'js'), { language: 'css', match: { kind: 'declaration' } }], files),
  ).toEqual([['a.ts:1:1 bad(1)', 'b.tsx:1:18 bad(2)'], ['c.mjs:2:3 bad(3)'], ['d.css:1:5 color: red']])
})

test('one pattern that cannot run does not silence the others', async () => {
  await write('a.ts', 'bad(1)\n')
  const [first, second, third] = await find(
    [{ language: 'ts', match: { kind: 'no_such_kind' } }, pattern('bad($A)'), pattern('x', 'cobol')],
    ['a.ts'],
  )
  expect(first).toMatch(/^The ast-grep rule is not valid/)
  expect(second).toEqual(['a.ts:1:1 bad(1)'])
  expect(third).toBe('"cobol" is not a language that patterns can be written in')
})

test('a pattern that could match nothing is told, with and without a cache, and silences no other', async () => {
  await write('a.ts', 'bad(1)\n')
  await write('b.tsx', 'const view = <b>{bad(2)}</b>\n')
  const checks = [pattern('(('), pattern('bad($A)'), pattern('<b>$A</b>'), { language: 'js', match: { pattern: 'absent((' } }]
  const expected = [
    'The pattern "((" is no whole piece of TypeScript or Tsx, so it matches nothing',
    ['a.ts:1:1 bad(1)', 'b.tsx:1:18 bad(2)'],
    ['b.tsx:1:14 <b>{bad(2)}</b>'],
    'The pattern "absent((" is no whole piece of JavaScript, so it matches nothing',
  ]
  await write('c.js', 'good()\n')
  const files = ['a.ts', 'b.tsx', 'c.js']
  expect(await find(checks, files)).toEqual(expected)
  for (const _ of [1, 2]) expect(await find(checks, files, 'cache.json')).toEqual(expected)
})

test('what is no file of the tree is left alone', async () => {
  await write('a.ts', 'bad(1)\n')
  await symlink(join(root, 'a.ts'), join(root, 'link.ts'))
  expect(await find([pattern('bad($A)')], ['gone.ts', 'link.ts', 'a.ts'])).toEqual([['a.ts:1:1 bad(1)']])
})

test('a cache answers as a run without one, whatever changed in between', async () => {
  await write('a.ts', 'bad(1)\n')
  await write('b.ts', 'good()\n')
  const files = ['a.ts', 'b.ts']
  const both = [pattern('bad($A)'), pattern('good()')]
  const expectSame = async (checks: readonly PatternCheck[]): Promise<void> =>
    expect(await find(checks, files, 'cache.json')).toEqual(await find(checks, files))
  await expectSame(both)
  await expectSame(both)
  await expectSame([pattern('bad($A)')])
  await write('b.ts', 'bad(2)\ngood()\n')
  await expectSame(both)
  await utimes(join(root, 'b.ts'), 1, 1)
  await expectSame(both.toReversed())
  await write('cache.json', '{"version":1,"files":[["a.ts",1]]}')
  await expectSame(both)
})

test('content that is known is not read again', async () => {
  await write('a.ts', 'bad(1)\n')
  await find([pattern('bad($A)')], ['a.ts'], 'cache.json')
  const cache = openMatchCache(join(root, 'cache.json'))
  const known = cache.get('a.ts')
  if (known === undefined) throw new Error('nothing was kept')
  cache.set('a.ts', { ...known, matches: [[0, 7, 7, 'kept']] })
  await cache.save()
  expect(await find([pattern('bad($A)')], ['a.ts'], 'cache.json')).toEqual([['a.ts:7:7 kept']])
})

function lines(found: string[] | string): string[] {
  return typeof found === 'string' ? [found] : found
}

test('many files searched together give what each alone gives', async () => {
  const texts: Record<string, string | Uint8Array> = {
    'a.ts': 'bad(bad(1))\nfetch(url)\n',
    'b.mts': 'const id: string = bad(2)\n',
    'c.cts': 'export = () => fetch(a, b)\n',
    'd.ts': 'good()\n',
    '.hidden/e.ts': 'bad(3)\n',
    'ignored/f.ts': 'bad(4)\n',
    'latin.ts': Buffer.from('bad("caf\xe9")\n', 'latin1'),
    'empty.ts': '',
    'broken.ts': 'function ( { bad(5)\n',
    'large.ts': `${'// filler\n'.repeat(110_000)}bad(6)\n`,
    'crlf.ts': '\u{feff}good()\r\n  bad(7)\r\n',
    'v.tsx': 'const v = <a b={bad(8)} />\n',
    'w.tsx': 'const w = bad(9) as string\n',
    'x.tsx': 'x\n',
    'j.js': 'bad(10)\n',
    'k.mjs': 'bad(11)\n',
    'l.cjs': 'bad(12)\n',
    'm.jsx': 'const m = <b>{bad(13)}</b>\n',
    's.css': 'a { color: red }\n',
    't.css': 'b { }\n',
    'u.css': 'c { color: blue }\n',
    'h.html': '<b>x</b>\n',
    'i.htm': '<b>y</b>\n',
    'n.html': '<i>z</i>\n',
  }
  // Each kind of file often enough to be searched together.
  const copies = ['', 'one/', 'two/'].flatMap((folder) =>
    Object.entries(texts).map(([file, text]) => ({ file: `${folder}${file}`, text })),
  )
  for (const { file } of copies) await mkdir(dirname(join(root, file)), { recursive: true })
  for (const { file, text } of copies) await writeFile(join(root, file), text)
  await write('.gitignore', 'ignored/\n')
  const checks: PatternCheck[] = [
    pattern('bad($A)'),
    pattern('bad($A)', 'js'),
    { language: 'ts', match: { pattern: 'fetch($A)' } },
    { language: 'ts', match: { any: [{ pattern: 'fetch($$$A)' }, { kind: 'predefined_type', regex: '^string$' }] } },
    { language: 'ts', match: { kind: 'call_expression', inside: { pattern: 'bad($A)', stopBy: 'end' } } },
    { language: 'css', match: { kind: 'declaration' } },
    { language: 'html', match: { kind: 'element', regex: '<b>' } },
  ]
  const files = copies.map(({ file }) => file)
  const alone = checks.map((): string[] => [])
  for (const file of files)
    for (const [index, found] of (await find(checks, [file])).entries()) alone[index]?.push(...lines(found))
  const together = await find(checks, files)
  expect(together.map((found) => lines(found).toSorted())).toEqual(alone.map((found) => found.toSorted()))
  expect(together[0]).toHaveLength(30)
})

test('among many files, too, the pattern that is not valid is named and the others run', async () => {
  const files = ['a.ts', 'b.ts', 'c.ts', 'd.ts']
  for (const file of files) await write(file, 'bad(1)\n')
  const [first, second] = await find([{ language: 'ts', match: { kind: 'no_such_kind' } }, pattern('bad($A)')], files)
  expect(first).toMatch(/^The ast-grep rule is not valid/)
  expect(second).toEqual(files.map((file) => `${file}:1:1 bad(1)`))
})

test('a constraint on a name holds for its own pattern alone', async () => {
  const files = ['a.ts', 'b.ts', 'c.ts']
  for (const file of files) await write(file, 'bad(1)\nbad(two)\n')
  const [numbers, all] = await find(
    [{ language: 'ts', match: { pattern: 'bad($A)' }, constraints: { A: { kind: 'number' } } }, pattern('bad($A)')],
    files,
  )
  expect([numbers?.length, all?.length]).toEqual([3, 6])
})
