import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { checkRunner } from '@coxswain/constraints'
import { expect, test } from 'vitest'
import type { Meaning } from './meaning.ts'
import { furtherPhrases } from './further-phrases.ts'
import { phrases } from './phrases.ts'
import { meaningOf } from './read-meaning.ts'
import { shortPhrases } from './short-phrases.ts'

const named = [
  'Never import `moment`',
  'Do not use `lodash`',
  'Never import `expect` from `vitest`',
  'No global `fetch`',
  'Never call `Date.now()`',
  'Never use `setTimeout`',
  'Do not use `process.env`',
  'No `__dirname` — use `getBasePath()`',
  "No global `fetch` — use undici's `fetch`",
  'Never import `it` from vitest — use test context `({ it }) => {}`',
  'NEVER use `Symbol.dispose` - use `makeResource()` or `makeAsyncResource()`',
]
const meanings: readonly Meaning[] = [
  ...[...phrases, ...shortPhrases, ...furtherPhrases].map(({ meaning }) => meaning),
  ...named.flatMap((text) => meaningOf(text)?.meaning ?? []),
]

async function found(meaning: Meaning, language: string, file: string, text: string): Promise<number> {
  if (meaning.check?.kind !== 'pattern') throw new Error('no pattern')
  const root = await mkdtemp(join(tmpdir(), 'cox-meaning-'))
  await mkdir(dirname(join(root, file)), { recursive: true })
  await writeFile(join(root, file), text)
  const check = { language, match: { ...meaning.check.look } }
  try {
    return (await checkRunner(undefined)({ check, root, files: [file] })).length
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

test('every name of a package, a global or a function has a meaning', () => {
  expect(meanings.length).toBe(phrases.length + shortPhrases.length + furtherPhrases.length + named.length)
})

test.for(meanings.filter(({ check }) => check?.kind === 'pattern').map((meaning) => [meaning.id, meaning] as const))(
  'CON-63 the check of %s fires on its bad example and is silent on its good one, in every language it looks at',
  async ([, meaning], { expect }) => {
    const languages: readonly (readonly [string, string])[] = [
      ['ts', 'src/a.ts'],
      ['ts', 'src/a.tsx'],
      ['ts', 'src/a.mts'],
      ...(meaning.about === 'any'
        ? ([
            ['js', 'src/a.js'],
            ['js', 'src/a.jsx'],
          ] as const)
        : []),
    ]
    for (const [language, file] of languages) {
      expect([file, await found(meaning, language, file, meaning.bad)]).toEqual([file, 1])
      expect([file, await found(meaning, language, file, meaning.good)]).toEqual([file, 0])
    }
  },
)
