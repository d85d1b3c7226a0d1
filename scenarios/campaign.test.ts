import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWorld, until, type World } from './world.ts'

/* Capabilities: S5, G3. A rule's whole population becomes tasks, one package each; the rewriter mends what is certain, and it lands. */

const kit = {
  'packages/kit/package.json': '{ "name": "@own/kit", "exports": { ".": "./src/index.ts" } }',
  'packages/kit/src/index.ts': 'export const groupBy = 1\nexport const uniq = 2\n',
}
const users = {
  'packages/one/package.json': '{ "name": "@own/one" }',
  'packages/one/src/a.ts': "import { uniq } from 'lodash'\n\nexport const a = uniq\n",
  'packages/two/package.json': '{ "name": "@own/two" }',
  'packages/two/src/b.ts': 'import { groupBy } from "lodash"\n\n// überall\nexport const b = groupBy\n',
  'packages/two/src/deep/c.ts':
    "import { uniq } from 'lodash'\nimport { groupBy } from 'lodash'\n\nexport const c = [uniq, groupBy]\n",
}
const harness = {
  'package.json': '{ "name": "own", "private": true, "workspaces": ["packages/*"] }',
  'harness/checks.yaml': 'rules:\n  canonical-library: error\n  no-await-in-loop: off\n',
  'harness/architecture.yaml':
    "capabilities:\n  - { name: collections, use: '@own/kit', instead-of: [lodash], same-api: true }\n",
}

let world: World

beforeAll(async () => {
  world = await createWorld({ config: 'concurrency: 2\n', files: { ...harness, ...kit, ...users } })
})
afterAll(() => world[Symbol.asyncDispose]())

interface Campaign {
  readonly tasks: readonly {
    readonly title: string
    readonly package: string
    readonly findings: number
    readonly agent: string
  }[]
  readonly added: readonly string[]
  readonly kept: readonly string[]
}

const planned = [
  { title: 'canonical-library: 1 in packages/one', package: 'packages/one', findings: 1, agent: 'rewriter' },
  { title: 'canonical-library: 3 in packages/two', package: 'packages/two', findings: 3, agent: 'rewriter' },
]

test('a dry run shows the tasks, smallest first, and starts nothing', async () => {
  expect(await world.ask<Campaign>('campaign', 'canonical-library', '--dry-run')).toEqual({
    tasks: planned,
    added: [],
    kept: [],
    code: 0,
  })
})

test('a rule without findings has nothing to mend; an unknown one is an error', async () => {
  expect(await world.cox('campaign', 'no-cycles')).toMatchObject({ code: 0, stdout: 'no-cycles: nothing to mend\n' })
  expect(await world.ask('campaign', 'no-cycle')).toMatchObject({
    code: 2,
    error: { code: 'RULE_UNKNOWN', hint: 'Did you mean "no-cycles"?' },
  })
})

test('what is in the baseline is mended too, by the rewriter, package by package, and lands', async () => {
  expect((await world.cox('check', '--update-baseline', '--accept', 'before the kit')).code).toBe(0)
  world.commit('accept what was there')
  expect((await world.cox('check')).stdout).toContain('clean; 4 known')
  const { tasks, added } = await world.ask<Campaign>('campaign', 'canonical-library', '--land')
  expect([tasks, added.length]).toEqual([planned, 2])
  const again = await world.ask<Campaign>('campaign', 'canonical-library', '--land')
  expect([again.added, again.kept]).toEqual([[], added])
  expect((await world.cox('campaign', 'canonical-library', '--status')).stdout).toContain(
    '0 of 4 findings landed in 0 tasks; 4 left, 2 open tasks\n',
  )
  await world.cox('up', '-d')
  const shown = (id: string) => world.ask<{ readonly task: { readonly state: string } }>('task', 'show', id)
  await until(async () => (await Promise.all(added.map(shown))).every(({ task }) => task.state === 'done'), 'both tasks are done')
  expect(world.git('show', 'main:packages/one/src/a.ts', 'main:packages/two/src/b.ts', 'main:packages/two/src/deep/c.ts')).toBe(
    [users['packages/one/src/a.ts'], users['packages/two/src/b.ts'], users['packages/two/src/deep/c.ts']]
      .join('')
      .replaceAll('lodash', '@own/kit')
      .trimEnd(),
  )
  expect(
    world
      .git('log', '--format=%s', 'main')
      .split('\n')
      .filter((line) => line.includes('canonical-library')),
  ).toHaveLength(2)
  expect((await world.cox('check')).stdout).toMatch(/rules: clean$/m)
  expect(world.git('ls-files', 'harness/baseline')).toBe('harness/baseline/.gitattributes')
  expect(await world.ask('campaign', 'canonical-library', '--status')).toMatchObject({
    left: 0,
    landed: { tasks: 2, findings: 4 },
    open: 0,
  })
})
