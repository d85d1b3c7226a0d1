import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'vitest'
import { furtherPhrases } from './further-phrases.ts'
import { phrases } from './phrases.ts'
import { meaningOf } from './read-meaning.ts'
import { shortPhrases } from './short-phrases.ts'

const named = ['Never import `expect` from `vitest`', 'No global `fetch`']
const rows = [
  ...[...phrases, ...shortPhrases, ...furtherPhrases].map(({ meaning }) => meaning),
  ...named.flatMap((text) => meaningOf(text)?.meaning ?? []),
].flatMap((meaning) =>
  meaning.linters.filter(({ linter }) => linter === 'oxlint').map((row) => [meaning.id, meaning, row] as const),
)
const options: Readonly<Record<string, readonly unknown[]>> = {
  'no-braces': ['multi'],
  'no-console-log': [{ allow: ['error'] }],
  'no-import-vitest-expect': [{ paths: [{ name: 'vitest', importNames: ['expect'] }] }],
  'no-global-fetch': ['fetch'],
  'no-function-declaration': ['expression'],
  'type-over-interface': ['type'],
}
const oxlint = join(dirname(createRequire(import.meta.url).resolve('oxlint/package.json')), 'bin/oxlint')

async function complaints(root: string, code: string): Promise<string> {
  await writeFile(join(root, 'a.ts'), code)
  return spawnSync(process.execPath, [oxlint, '-c', 'config.json', 'a.ts'], { cwd: root, encoding: 'utf8' }).stdout
}

test.for(rows)(
  'CON-64 the rule of %s, run with its options, complains of the bad example and not of the good one',
  async ([id, meaning, row], { expect }) => {
    const set = options[id] ?? []
    expect(row.isWhole(set)).toBe(true)
    const config = {
      plugins: ['eslint', 'typescript', 'unicorn', 'import'],
      categories: { correctness: 'off' },
      rules: { [row.rules[0] ?? '']: ['error', ...set] },
    }
    await using folder = await temporaryFolder()
    const root = folder.path
    await writeFile(join(root, 'config.json'), JSON.stringify(config))
    const name = (row.rules[0] ?? '').split('/').at(-1) ?? ''
    expect(await complaints(root, meaning.bad)).toContain(name)
    expect(await complaints(root, meaning.good)).not.toContain(name)
  },
)

async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'cox-meaning-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
