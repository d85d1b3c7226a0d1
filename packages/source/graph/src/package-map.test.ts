import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readExports, readImports, targetsOf } from './package-map.ts'

const part = fc.constantFrom('a', 'b', 'lib', 'a.js', 'é')
const tail = fc.oneof(part, fc.constantFrom('*', 'lib/*', '*.js', 'lib/*.js', 'a/*', 'lib/*/b', 'a*b'))
const file = fc.oneof(
  fc.tuple(fc.constantFrom('./src/', './dist/', './'), tail).map(([folder, name]) => folder + name),
  fc.constantFrom('./../up.js', './node_modules/x.js', '../up.js', './*/*.js'),
)
const { target } = fc.letrec<{ target: unknown }>((tie) => ({
  target: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    file,
    fc.constant(null),
    fc.array(tie('target'), { maxLength: 3 }),
    fc
      .uniqueArray(fc.tuple(fc.constantFrom('import', 'require', 'node', 'test', 'default', 'types'), tie('target')), {
        maxLength: 3,
        selector: ([key]) => key,
      })
      .map(Object.fromEntries),
  ),
}))
const maps = fc
  .uniqueArray(fc.tuple(tail, target), { maxLength: 5, selector: ([key]) => key })
  .map((entries) => entries as readonly (readonly [string, unknown])[])
const rests = fc.constantFrom(
  'a',
  'b',
  'lib',
  'a.js',
  'é',
  'lib/a',
  'lib/a.js',
  'lib/x/b',
  'a/b',
  'a/lib/b',
  'axb',
  'ab',
  'lib/',
  'x',
)

const conditionSets = [[], ['test']]

test(
  'names lead where Node leads them, under each set of conditions, and without a set to all of these places',
  { timeout: 120_000 },
  () => {
    const cases = fc.sample(fc.tuple(maps, fc.array(rests, { minLength: 4, maxLength: 8 })), { numRuns: 150, seed: 20_261_130 })
    for (const own of conditionSets) {
      const said = askNode(cases, own)
      const active = new Set(['node', 'import', 'module-sync', 'node-addons', ...own])
      for (const [at, [entries, keys]] of cases.entries())
        for (const kind of ['imports', 'exports'] as const)
          for (const [nth, rest] of keys.entries()) {
            const key = kind === 'imports' ? `#${rest}` : `./${rest}`
            const json = manifestPart(kind, entries)
            const map = kind === 'imports' ? readImports(json) : readExports(json)
            const expected = said[at]?.[kind][nth] ?? null
            const place = JSON.stringify({ [kind]: json, key, own })
            expect([place, targetsOf(map, key, active).at(-1) ?? null]).toEqual([place, expected])
            if (expected !== null) expect([place, targetsOf(map, key)]).toEqual([place, expect.arrayContaining([expected])])
          }
    }
  },
)

function manifestPart(kind: 'imports' | 'exports', entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  return Object.fromEntries(entries.map(([key, value]) => [kind === 'imports' ? `#${key}` : `./${key}`, value]))
}

type Said = readonly { readonly imports: readonly (string | null)[]; readonly exports: readonly (string | null)[] }[]

/** A real Node resolves each name from a real package; a place that it refuses is null. */
function askNode(
  cases: readonly (readonly [readonly (readonly [string, unknown])[], readonly string[]])[],
  conditions: readonly string[],
): Said {
  const folder = mkdtempSync(join(tmpdir(), 'cox-node-'))
  try {
    for (const [at, [entries, keys]] of cases.entries())
      for (const kind of ['imports', 'exports'] as const) {
        const name = `p${at}${kind}`
        const root = join(folder, name)
        execFileSync('mkdir', [root])
        const json = { name, type: 'module', [kind]: manifestPart(kind, entries) }
        writeFileSync(join(root, 'package.json'), JSON.stringify(json))
        const names = keys.map((rest) => (kind === 'imports' ? `#${rest}` : `${name}/${rest}`))
        writeFileSync(
          join(root, 'ask.mjs'),
          `export const said = ${JSON.stringify(names)}.map((name) => { try { return import.meta.resolve(name) } catch { return null } })`,
        )
      }
    writeFileSync(
      join(folder, 'main.mjs'),
      `const all = []
       for (let at = 0; at < ${cases.length}; at++)
         all.push({ imports: (await import('./p' + at + 'imports/ask.mjs')).said, exports: (await import('./p' + at + 'exports/ask.mjs')).said })
       process.stdout.write(JSON.stringify(all))`,
    )
    const flags = conditions.map((condition) => `--conditions=${condition}`)
    const output = execFileSync(process.execPath, [...flags, '--no-warnings', join(folder, 'main.mjs')], { encoding: 'utf8' })
    const base = pathToFileURL(folder).href
    const relative = (url: string | null, at: number, kind: string): string | null =>
      url === null ? null : `.${decodeURIComponent(url.slice(`${base}/p${at}${kind}`.length))}`
    const parsed: Said = JSON.parse(output)
    return parsed.map(({ imports, exports }, at) => ({
      imports: imports.map((url) => relative(url, at, 'imports')),
      exports: exports.map((url) => relative(url, at, 'exports')),
    }))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test.each([
  ['external', { '#x': { node: 'pkg/sub', default: './x.js' } }, '#x', ['pkg/sub', './x.js']],
  ['a built-in', { '#fs': { node: 'fs', default: './fs.js' } }, '#fs', ['fs', './fs.js']],
  ['null', { '#a/*': './src/*.js', '#a/secret/*': null }, '#a/secret/b', []],
  ['a star without one in the name', { '#a': './src/*.js' }, '#a', ['./src/*.js']],
])('a target that is %s', (_, imports, key, expected) => {
  expect(targetsOf(readImports(imports), key)).toEqual(expected)
})
