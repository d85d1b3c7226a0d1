import { expect, test } from 'vitest'
import { checkWalls } from './check-walls.ts'
import type { House, Room, TextFile } from './house.ts'
import { markTests, readSource } from './read-house.ts'
import type { Walls } from './walls-shape.ts'

const walls: Walls = {
  doors: [
    { from: 'base', to: ['base/kernel'], why: 'ground' },
    { from: 'apps', to: ['base', 'apps'], why: 'wiring' },
  ],
  testDoors: [{ from: 'base', to: ['dev'], why: 'fixtures' }],
  powers: [
    { name: 'spawn', modules: ['node:child_process'], why: 'use host' },
    { name: 'write files', modules: ['node:fs'], names: ['writeFileSync'], why: 'use atomicWrite' },
    { name: 'clock', code: /\bDate\.now\(/, why: 'use Clock' },
    { name: 'environment', sites: ['env'], why: 'use readEnvironment' },
  ],
  grants: [{ room: 'base/host', powers: ['spawn'], why: 'its job' }],
  owned: [{ package: 'pg', rooms: ['base/store'], why: 'SQL lives in the store' }],
  entries: [{ entry: 'base/store/testing', why: 'tests above' }],
  limits: { fileLines: 5, roomLines: 7, workspaceDependencies: 1, chain: 2 },
  exceptions: [],
  words: [{ pattern: /swordfish/, why: 'secret', except: /^docs\// }],
}

const readme = '# x\n\n## Purpose\n\n## Door\n\n## May import\n\n## Invariants\n\n## How to test\n'
const index = { 'index.ts': 'export {}\n' }

test('a house that keeps its walls has no findings', () => {
  const house = build([
    room('base/kernel', { files: index }),
    room('base/host', {
      dependencies: ['@coxswain/kernel'],
      files: { ...index, 'run.ts': "import { spawn } from 'node:child_process'\nexport { spawn }\n" },
    }),
    room('base/store', {
      dependencies: ['@coxswain/kernel', 'pg'],
      devDependencies: ['@coxswain/testing'],
      exports: { '.': './src/index.ts', './testing': './src/testing.ts' },
      files: {
        'index.ts': "export { a } from '@coxswain/kernel'\n",
        'testing.ts': "import { writeFileSync } from 'node:fs'\nwriteFileSync('x', '')\n",
        'a.test.ts': "import { expect } from 'vitest'\nimport '@coxswain/testing'\nimport './stage.ts'\n",
        'stage.ts': "import 'node:child_process'\nimport '@coxswain/testing'\nimport './props.ts'\n",
        'props.ts': 'export const at = Date.now()\n',
      },
    }),
    room('dev/testing', { files: { ...index, 'time.ts': 'export const now = Date.now()\n' } }),
  ])
  expect(checkWalls(house, walls)).toEqual([])
})

test('every wall that is broken is named, with its place', () => {
  const house = build([
    room('base/kernel', {
      name: 'kernel',
      readme: null,
      dependencies: ['@coxswain/host', 'pg'],
      files: {
        'index.ts': "export * from './a.ts'\n",
        'a.ts':
          '// Date.now()\nexport const text = "Date.now()"\nexport const now = Date.now()\nexport const home = process.env.HOME\n\n\n',
      },
    }),
    room('base/host', {
      readme: '## Purpose\n## Door\n',
      dependencies: ['@coxswain/store'],
      devDependencies: ['@coxswain/cli'],
      files: {
        ...index,
        'run.ts':
          "import { readFileSync, writeFileSync } from 'node:fs'\nimport { read } from 'node:fs'\nimport '../../store/src/index.ts'\nimport '@coxswain/store/src/secret.ts'\nimport 'yaml'\n",
      },
    }),
    room('base/store', {
      dependencies: ['@coxswain/host', 'kernel'],
      exports: { '.': './src/index.ts', './extra': './src/extra.ts' },
      // The text of a made-up file: what the wall is there to find.
      files: { ...index, 'a.test.ts': 'test.only("x", () => {})\n// swordfish\n' },
    }),
    room('apps/cli', { name: '@coxswain/cli', dependencies: ['@coxswain/host'], exports: {}, files: {} }),
  ])
  expect(checkWalls(house, walls).map(({ wall, at, what }) => `${wall}: ${at} ${what}`)).toMatchInlineSnapshot(`
    [
      "door: base/host depends on base/store: no such door",
      "door: base/host depends on itself through others",
      "door: base/host tests with apps/cli: no such door",
      "door: base/kernel depends on base/host: no such door",
      "door: base/kernel depends on itself through others",
      "door: base/store depends on base/host: no such door",
      "door: base/store depends on itself through others",
      "door: packages/base/host/src/run.ts:3 imports ../../store/src/index.ts out of its room",
      "door: packages/base/host/src/run.ts:5 imports yaml, which its package.json does not list for this",
      "entry: apps/cli has no public door: "." is ./src/index.ts",
      "entry: apps/cli is named @coxswain/cli, not coxswain",
      "entry: base/kernel is named kernel, not @coxswain/kernel",
      "entry: base/kernel opens its door with \`export *\`",
      "entry: base/store/extra is a further public entry",
      "entry: packages/base/host/src/run.ts:4 imports @coxswain/store/src/secret.ts, which is inside another room",
      "package: base/kernel depends on pg, which belongs to base/store",
      "power: packages/base/host/src/run.ts:1 takes the power "write files"",
      "power: packages/base/kernel/src/a.ts:3 takes the power "clock"",
      "power: packages/base/kernel/src/a.ts:4 takes the power "environment"",
      "readme: base/host README.md has the heads Purpose, Door",
      "readme: base/kernel has no README.md",
      "size: apps/cli ends a chain of 4 rooms, at most 2",
      "size: base/host ends a chain of 3 rooms, at most 2",
      "size: base/kernel ends a chain of 3 rooms, at most 2",
      "size: base/store depends on 2 rooms, at most 1",
      "size: base/store ends a chain of 3 rooms, at most 2",
      "size: packages/base/kernel/src/a.ts has 6 lines, at most 5",
      "stale: base/host may "spawn" and does not",
      "stale: base/store owns pg and does not use it",
      "stale: base/store/testing no such entry",
      "test: packages/base/store/src/a.test.ts:1 is switched off or alone: test.only",
      "text: packages/base/store/src/a.test.ts:2 says "swordfish"",
    ]
  `)
})

test('a module of Node is a power under both of its names', () => {
  const powersOf = (name: string): string[] =>
    checkWalls(
      build([room('base/store', { files: { ...index, 'run.ts': `import { spawn } from '${name}'\nexport { spawn }\n` } })]),
      {
        ...walls,
        grants: [],
      },
    ).flatMap(({ wall, what }) => (wall === 'power' ? [what] : []))
  expect(powersOf('node:child_process')).toEqual(['takes the power "spawn"'])
  expect(powersOf('child_process')).toEqual(['takes the power "spawn"'])
})

test('an exception excuses exactly one place, and one that excuses nothing is a finding', () => {
  const house = build([room('base/host', { readme: null, files: { ...index, 'run.ts': "import 'node:child_process'\n" } })])
  const exceptions = [
    { wall: 'readme', at: 'base/host', why: 'new' },
    { wall: 'readme', at: 'base/gone', why: 'old' },
  ]
  expect(checkWalls(house, { ...walls, owned: [], entries: [], exceptions })).toEqual([
    {
      wall: 'stale',
      at: 'base/gone',
      what: 'the exception to "readme" excuses nothing',
      why: 'The list only holds what is true: remove it.',
    },
  ])
})

function build(rooms: readonly Room[]): House {
  return {
    rooms,
    texts: rooms.flatMap(({ files }) => files.map(({ path, text }): TextFile => ({ path, text }))),
    testTools: ['vitest'],
  }
}

interface RoomParts extends Partial<Omit<Room, 'id' | 'files'>> {
  readonly files: Readonly<Record<string, string>>
}

function room(id: string, { files, ...parts }: RoomParts): Room {
  return {
    id,
    name: `@coxswain/${id.slice(id.indexOf('/') + 1)}`,
    exports: { '.': './src/index.ts' },
    dependencies: [],
    devDependencies: [],
    readme,
    ...parts,
    files: markTests(Object.entries(files).map(([name, text]) => readSource({ path: `packages/${id}/src/${name}`, text }))),
  }
}
