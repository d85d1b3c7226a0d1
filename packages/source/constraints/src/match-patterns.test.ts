import { mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
