import { weakenedSettings } from '@coxswain/rules'
import { describe, expect, it } from 'vitest'
import { checkSource, type SourceCheck } from './check-source.ts'

// What repositories that the rules were not made for taught.
const told = (check: SourceCheck): string[] => checkSource(check).map(({ file, what }) => `${file}: ${what}`)
const root = { 'package.json': '{ "name": "root", "workspaces": ["packages/*"] }' }
const body =
  'export function sumAll(list: number[]) {\n  let sum = 0\n  for (const item of list) {\n    sum += item\n  }\n  sum += 1\n  return sum\n}\n'

describe('unused-file leaves alone what a tool starts by its path', () => {
  const files = {
    'package.json': '{ "name": "shop", "exports": "./src/index.ts", "imports": { "#store": "./src/store-node.ts" } }',
    'src/index.ts': 'export const price = 1\n',
    'src/store-node.ts': 'export const store = 1\n',
    'src/exports/more.ts': 'export const more = 1\n',
    'src/workers/one/index.ts': 'export const one = 1\n',
    'src/page.ts': 'export const page = 1\n',
    'src/cli/start.ts': 'export const start = 1\n',
    'bin/shop.js': "import('../dist/cli/start.js')\n",
    'index.html': '<script type="module" src="/src/page.ts"></script>\n',
    'tsup.config.ts':
      "const worker = (name: string) => `src/workers/${name}/index.ts`\nexport default { entry: ['src/exports/*.ts'], worker }\n",
  }

  it('in configurations, patterns, pages, programs and the manifest', () => {
    expect(told({ files, rule: 'unused-file' })).toEqual([])
    const { 'index.html': _, ...others } = files
    expect(told({ files: others, rule: 'unused-file' })).toEqual([
      'src/page.ts: No entry, script or test of shop reaches this file',
    ])
  })

  it('in folders whose files are loaded by name', () => {
    const found = (count: number): number =>
      told({
        files: {
          'package.json': files['package.json'],
          'src/index.ts': files['src/index.ts'],
          ...Object.fromEntries(Array.from({ length: count }, (_, at) => [`src/codemods/mod-${at}.ts`, 'export default 1\n'])),
        },
        rule: 'unused-file',
      }).length
    expect([found(1), found(2), found(3)]).toEqual([1, 2, 0])
  })
})

it('unused-file knows a file again that was renamed', () => {
  const printOf = (name: string): string | undefined =>
    checkSource({
      files: {
        'package.json': '{ "name": "shop", "exports": "./src/index.ts" }',
        'src/index.ts': '',
        [name]: 'export const old = 1\n',
      },
      rule: 'unused-file',
    })[0]?.moveKey
  expect(printOf('src/oldThing.ts')).toBe(printOf('src/old-thing.ts'))
})

it('canonical-library says what an entry passes on', () => {
  const files = {
    ...root,
    'harness/architecture.yaml': 'capabilities: [{ name: dates, use: dates, instead-of: [dayjs] }]',
    'packages/dates/package.json': '{ "name": "dates", "exports": "./src/index.ts" }',
    'packages/dates/src/index.ts': "export * from './parse-day.ts'\n",
    'packages/dates/src/parse-day.ts': 'export const parseDay = 1\nexport type Day = 1\n',
    'packages/a/package.json': '{ "name": "a" }',
    'packages/a/a.ts': "import dayjs from 'dayjs'\ndayjs()\n",
  }
  expect(checkSource({ files, rule: 'canonical-library' })[0]?.fix[0]).toContain(
    'it offers parseDay (packages/dates/src/index.ts)',
  )
})

describe('unused-dependency', () => {
  const declare = (dependencies: string, more = ''): string =>
    `{ "name": "a", "main": "src/index.ts", "dependencies": ${dependencies}${more} }`

  it('counts what packages import that are built into this one, and subpaths with manifests of their own', () => {
    const files = {
      ...root,
      'packages/a/package.json': declare(
        '{ "zod": "4", "left-pad": "1", "entities": "1", "b": "1" }',
        ', "devDependencies": { "c": "1" }',
      ),
      'packages/a/src/index.ts': "import 'b'\nimport 'c'\n",
      'packages/a/compat/package.json': '{ "main": "index.js" }',
      'packages/a/compat/index.js': "import 'entities'\n",
      'packages/b/package.json': '{ "name": "b", "main": "index.ts", "peerDependencies": { "left-pad": "1" } }',
      'packages/b/index.ts': "import 'left-pad'\n",
      'packages/c/package.json': '{ "name": "c", "main": "index.ts", "dependencies": { "zod": "4" } }',
      'packages/c/index.ts': "import 'zod'\n",
    }
    expect(told({ files, rule: 'unused-dependency' })).toEqual([
      'packages/a/package.json: a depends on left-pad, and nothing that relies on it names it',
    ])
  })

  it('says nothing of a package that is put together elsewhere', () => {
    const files = {
      ...root,
      'packages/a/package.json': declare('{ "zod": "4" }').replace('src/index.ts', 'dist/index.js'),
      'packages/a/build.ts': "import 'esbuild'\n",
    }
    expect(told({ files, rule: 'unused-dependency' })).toEqual([])
  })
})

describe('public-entry-only', () => {
  const files = {
    ...root,
    'packages/a/package.json': '{ "name": "a", "main": "src/index.ts" }',
    'packages/b/package.json': '{ "name": "b", "main": "index.js", "exports": { ".": "./index.js" } }',
    'packages/b/index.js': "module.exports = require('./dist/b.cjs')\n",
    'packages/b/src/index.ts': "export * from './options.ts'\n",
    'packages/b/src/options.ts': 'export const options = 1\n',
    'packages/b/src/inner.ts': 'export const inner = 1\n',
  }
  const ask = (line: string): readonly [string, string | undefined][] =>
    checkSource({ files: { ...files, 'packages/a/src/index.ts': `${line}\n` }, rule: 'public-entry-only' }).map(
      ({ what, fix }) => [what, fix[0]],
    )

  it('finds the source behind a script that chooses between built files, and what it passes on', () => {
    expect(ask("import { options } from '../../b/src/index.ts'")).toEqual([
      [
        'Imports options from ../../b/src/index.ts: b by its path, not by its name',
        expect.stringContaining("Write `from 'b'`: it exports options already."),
      ],
    ])
    expect(ask("import { inner } from '../../b/src/inner.ts'")).toEqual([
      [
        expect.stringContaining('a file inside b that it does not offer'),
        expect.stringContaining('Export inner from packages/b/src/index.ts'),
      ],
    ])
  })

  it('lets everybody read a manifest', () => {
    expect(ask("import manifest from '../../b/package.json'")).toEqual([])
  })
})

describe('no-cycles', () => {
  it('shows a circle that is one, and words for what has no name', () => {
    const files = {
      'src/a.ts': "import * as b from './b.ts'\nexport const a = b\n",
      'src/b.ts': "import { c } from './c.ts'\nexport const b = c\n",
      'src/c.ts': "import { a } from './a.ts'\nimport { d } from './d.ts'\nexport const c = [a, d]\n",
      'src/d.ts': "import { c } from './c.ts'\nexport const d = c\nexport const e = c\n",
    }
    const [finding] = checkSource({ files, rule: 'no-cycles' })
    expect(finding?.what).toBe('4 files import each other in a circle through 5 imports: c.ts → d.ts → c.ts')
    const { 'src/d.ts': _, ...three } = files
    const [whole] = checkSource({
      files: {
        ...three,
        'src/c.ts': "import { a, z, y } from './a.ts'\nexport const c = [a, z, y]\n",
        'src/b.ts': "import { c, x } from './c.ts'\nexport const b = [c, x]\n",
      },
      rule: 'no-cycles',
    })
    expect([whole?.what, whole?.fix[0]]).toEqual([
      '3 files import each other in a circle through 3 imports: a.ts → b.ts → c.ts → a.ts',
      'Cut the cheapest edge: src/a.ts takes all of it from src/b.ts. Move the part that is used into a file that imports neither.',
    ])
  })

  it('leaves fixtures alone', () => {
    const files = { 'test/fixtures/a.ts': "import './b.ts'\n", 'test/fixtures/b.ts': "import './a.ts'\n" }
    expect(told({ files, rule: 'no-cycles' })).toEqual([])
  })
})

it('max-lines names no function inside another', () => {
  const inner = '  function inner() {\n    return [\n      1,\n      2,\n      3,\n      4,\n    ]\n  }\n'
  const files = { 'src/a.ts': `export function outer() {\n${inner}  return inner()\n}\n${body}` }
  expect(checkSource({ files, rule: 'max-lines', options: { max: 5 } })[0]?.fix[0]).toContain(
    'Move outer (11 lines), sumAll (8 lines) with',
  )
  // Methods cannot be moved without their class.
  const box = { 'src/a.ts': `export class Box {\n${inner.replace('function inner', '#open')}}\n` }
  expect(checkSource({ files: box, rule: 'max-lines', options: { max: 5 } })[0]?.fix[0]).toBe(
    'Split src/a.ts along the nouns it holds, one file for each.',
  )
})

it('public-entry-only names no declaration as the place to export from, and leaves components alone', () => {
  const files = {
    ...root,
    'packages/a/package.json': '{ "name": "a" }',
    'packages/a/a.ts': "import { inner } from '../b/src/inner.ts'\n",
    'packages/a/View.vue': "<script>\nimport { inner } from '../b/src/inner.ts'\n</script>\n",
    'packages/b/package.json': '{ "name": "b", "exports": { "types": "./index.d.cts", "default": "./dist/index.js" } }',
    'packages/b/index.d.cts': 'export {}\n',
    'packages/b/src/inner.ts': 'export const inner = 1\n',
  }
  const found = checkSource({ files, rule: 'public-entry-only' })
  expect(found.map(({ file, fix }) => [file, fix[0]])).toEqual([
    ['packages/a/a.ts', "Export inner from the entry of b, then write `from 'b'`."],
  ])
})

it('package-token-budget counts folders of the files it counts', () => {
  const files = {
    'package.json': '{ "name": "shop" }',
    'src/big.ts': 'export const value = [1, 2, 3]\n'.repeat(100),
    'docs/big.svg': '<svg/>'.repeat(5_000),
  }
  const [finding] = checkSource({ files, rule: 'package-token-budget', options: { tokens: 100 } })
  const total = Number(/about (\d+) tokens/.exec(finding?.what ?? '')?.[1])
  expect(finding?.fix[0]).toContain(`the largest folders are src (~${total} tokens).`)
})

it('duplicate-helper leaves alone what is copied as it is', () => {
  const files = { 'skills/one/sum.ts': body, 'skills/two/sum.ts': body, 'templates/three/sum.ts': body }
  expect(told({ files, rule: 'duplicate-helper' })).toEqual([])
  expect(told({ files: { ...files, 'src/a.ts': body, 'src/b.ts': body }, rule: 'duplicate-helper' })).toHaveLength(1)
})

describe('places that only look wrong', () => {
  it.each([
    ['deadline-on-outbound-call', 'export const ask = (...args: Parameters<typeof fetch>) => fetch(...args)\n'],
    [
      'deadline-on-outbound-call',
      'export const ask = (url: string, init: RequestInit) => fetch(url, { ...init, method: "POST" })\n',
    ],
    [
      'deadline-on-outbound-call',
      'export const ask = (url: string, init: RequestInit) => fetch(url, { method: "POST", ...init })\n',
    ],
    [
      'no-await-in-loop',
      'export async function first(list: Promise<string>[]) {\n  for (const item of list) return await item\n}\n',
    ],
    ['duration-with-unit', 'export class Keeper {\n  keepAliveInterval: number | null = null\n}\n'],
  ])('%s: %s', (rule, text) => {
    expect(told({ files: { 'src/a.ts': text }, rule })).toEqual([])
  })

  it.each([
    [
      'deadline-on-outbound-call',
      'export const ask = (url: string, more: object) => fetch(url, { headers: { ...more }, method: "POST" })\n',
    ],
    ['duration-with-unit', 'export type Options = { delivery_delay: number }\n'],
  ])('but %s finds %s', (rule, text) => {
    expect(told({ files: { 'src/a.ts': text }, rule })).toHaveLength(1)
  })
})

it('reads a source with a NUL byte in a string, and no binary', () => {
  const files = { 'src/a.ts': 'export const key = "a\0b"\ntry {\n  key\n} catch {}\n', 'src/b.ts': '\0\x01\0'.repeat(50) }
  expect(told({ files, rule: 'no-swallowed-error' })).toHaveLength(1)
  expect(told({ files, rule: 'readable-file' })).toEqual([expect.stringContaining('src/b.ts has NUL bytes')])
})

describe('parse-at-boundary writes the schema that the code states', () => {
  const ask = (text: string, library = 'zod'): string | undefined =>
    checkSource({
      files: { 'package.json': `{ "name": "shop", "dependencies": { "${library}": "1" } }`, 'src/orders.ts': text },
      rule: 'parse-at-boundary',
    })[0]?.fix[0]

  it.each([
    [
      'the members of a cast',
      'export const f = async (r: Response) => (await r.json()) as { id: string; tags?: string[]; owner: Owner }\n'
        .replaceAll('r.', 'response.')
        .replace('r:', 'response:'),
      'Write `OrdersSchema.parse(await response.json())`. Declare what comes in: `const OrdersSchema = z.object({ id: z.string(), tags: z.array(z.string()).optional(), owner: … }); type Orders = z.infer<typeof OrdersSchema>`.',
    ],
    [
      'the interface of an annotation',
      'interface Order {\n  /** Its own. */\n  readonly id: string\n  count: number\n}\nexport const f = (text: string) => {\n  const order: Order = JSON.parse(text)\n  return order\n}\n',
      'Write `OrderSchema.parse(JSON.parse(…))`. Declare what comes in: `const OrderSchema = z.object({ id: z.string(), count: z.number() }); type Order = z.infer<typeof OrderSchema>`.',
    ],
    [
      'a list',
      'export const f = (text: string) => JSON.parse(text) as { id: string }[]\n',
      'Write `OrdersSchema.parse(JSON.parse(…))`. Declare what comes in: `const OrdersSchema = z.array(z.object({ id: z.string() })); type Orders = z.infer<typeof OrdersSchema>`.',
    ],
    [
      'a schema that is there',
      'export const OrderSchema = {}\nexport const f = (text: string) => JSON.parse(text) as Order\n',
      'Write `OrderSchema.parse(JSON.parse(…))`. OrderSchema is in this file.',
    ],
  ])('%s', (_, text, fix) => expect(ask(text)).toBe(fix))

  it.each([
    ['valibot', 'v.parse(OrdersSchema, JSON.parse(…))', 'v.object({ id: v.string() })'],
    ['effect', 'Schema.decodeUnknownSync(OrdersSchema)(JSON.parse(…))', 'Schema.Struct({ id: Schema.String })'],
    ['@sinclair/typebox', 'Value.Parse(OrdersSchema, JSON.parse(…))', 'Type.Object({ id: Type.String() })'],
  ])('with %s', (library, parse, declared) => {
    const fix = ask('export const f = (text: string) => JSON.parse(text) as { id: string }\n', library)
    expect(fix).toContain(`Write \`${parse}\``)
    expect(fix).toContain(declared)
  })

  it.each([
    [
      'a name declared unknown before',
      'export function f(text: string) {\n  let value: unknown\n  value = JSON.parse(text)\n  return value\n}\n',
    ],
    ['what this program wrote', 'export const f = (value: object) => JSON.parse(serializeWire(value))\n'],
  ])('but leaves %s', (_, text) => expect(ask(text)).toBe(undefined))
})

it('protected-config knows defaults that are no longer errors', () => {
  const weakened = (was: string, now: string): string[] => weakenedSettings('harness/checks.yaml', was, now)
  expect(weakened('defaults: error\n', 'rules: {}\n')).toEqual(['defaults are no longer errors'])
  expect(weakened('rules: {}\n', 'defaults: error\n')).toEqual([])
})
