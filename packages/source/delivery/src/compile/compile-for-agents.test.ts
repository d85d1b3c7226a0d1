import { rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { agentNames, loadingRules, type AgentName } from '../context/loading-rules.ts'
import { compile, isStale } from './compile.ts'
import { targets } from './compile-config.ts'
import { createReadBy } from './read-by.ts'
import {
  constraintText,
  everySurface,
  makeTree,
  peoplesSettings,
  peoplesTexts,
  readTree,
  removeTrees,
  sampleHarness,
} from './sample-tree.ts'

afterEach(removeTrees)

const late = constraintText('late', {
  scope: '**',
  rungs: '  - root: Be late\n  - hook: { on: before-stop, command: [npm, test] }',
})

test('CON-45 for one agent only what it reads is written, and what others read stays as it is', async () => {
  const root = await makeTree(sampleHarness(everySurface))
  await compile({ root })
  await writeFile(join(root, 'harness/constraints/late.md'), late)
  const first = await compile({ root, agents: ['claude'] })
  expect(first.changes.map((change) => change.path)).toEqual([
    '.claude/settings.json',
    'CLAUDE.md',
    'harness/generated/hooks.json',
    'harness/generated/manifest.json',
  ])
  expect(isStale(await compile({ root, mode: 'check', agents: ['claude'] }))).toBe(false)
  expect((await compile({ root, mode: 'check' })).changes.map((change) => change.path)).toContain('AGENTS.md')
  await compile({ root, agents: ['gemini', 'codex', 'cursor', 'copilot'] })
  const rest = await compile({ root })
  expect(rest.changes.map((change) => change.path)).toEqual(['docs/constraints.md', 'harness/generated/manifest.json'])
})

test('CON-45 what no configured target keeps is said to be taken away again', async () => {
  const root = await makeTree(sampleHarness('targets: [agents, skills]\n'))
  const passing = async (agents: AgentName[]): Promise<string[]> =>
    (await compile({ root, agents })).problems.filter(({ code }) => code === 'TARGET_NOT_CONFIGURED').map(({ hint }) => hint)
  expect(await passing(['opencode'])).toEqual([])
  expect(await passing(['claude'])).toEqual([
    'To keep it, write `targets: [agents, skills, claude, hooks]` in harness/compile.yaml.',
  ])
  expect((await compile({ root })).changes.map(({ path, after }) => [path, after])).toContainEqual(['CLAUDE.md', null])
})

test('CON-45 what an agent no longer gets is taken from it alone', async () => {
  const root = await makeTree(sampleHarness('targets: [messages]\n'))
  await compile({ root, agents: ['claude', 'cursor'] })
  await rm(join(root, 'harness/constraints/deadline.md'))
  const { changes } = await compile({ root, agents: ['claude'] })
  expect(changes.map(({ path, after }) => `${after === null ? 'gone' : 'changed'} ${path}`)).toEqual([
    expect.stringMatching(/^gone \.claude\/rules\/cox-packages-a-src-/),
    'changed harness/generated/manifest.json',
  ])
})

test('CON-45 what an agent is sent on to is brought as well, behind an import, a link and an overfull root', async () => {
  const paths = async (root: string): Promise<string[]> =>
    (await compile({ root, agents: ['claude'] })).changes.map(({ path }) => path).filter((path) => path.endsWith('.md'))
  const imported = await makeTree({ ...sampleHarness('targets: [agents]\nrootLines: 5\n'), 'AGENTS.md': 'Words of people.\n' })
  await writeFile(join(imported, 'harness/constraints/late.md'), late)
  expect(await paths(imported)).toEqual(expect.arrayContaining(['AGENTS.md', 'CLAUDE.md', 'docs/constraints.md']))
  const linked = await makeTree({ ...sampleHarness('targets: [agents]\n'), 'AGENTS.md': 'Words of people.\n' })
  await symlink('AGENTS.md', join(linked, 'CLAUDE.md'))
  expect(await paths(linked)).toContain('AGENTS.md')
})

test('CON-45 what an agent gets does not hang on who else is asked for', async () => {
  const root = await makeTree({ ...sampleHarness('targets: [claude]\n'), 'AGENTS.md': 'Words of people.\n' })
  await compile({ root, agents: ['claude'] })
  const alone = (await readTree(root))['CLAUDE.md']
  await compile({ root, agents: ['claude', 'codex'] })
  expect((await readTree(root))['CLAUDE.md']).toBe(alone)
})

test('CON-48 a file of two names does not import itself, and says the same whoever is asked for', async () => {
  const hook = constraintText('late', { rungs: '  - hook: { on: before-stop, command: [npm, test] }' })
  for (const [name, target] of [
    ['CLAUDE.md', 'AGENTS.md'],
    ['AGENTS.md', 'CLAUDE.md'],
  ] as const) {
    const root = await makeTree({ 'harness/constraints/late.md': hook, [target]: 'Words of people.\n' })
    await symlink(target, join(root, name))
    await writeFile(join(root, 'harness/compile.yaml'), 'targets: [agents, claude, hooks]\n')
    expect((await compile({ root })).changes.map(({ path }) => path)).not.toContain(target)
    await writeFile(join(root, 'harness/constraints/map.md'), constraintText('map', { rungs: '  - root: Read docs first' }))
    const narrow = constraintText('narrow', { scope: '**/*.test.ts', rungs: '  - path: No sleeps' })
    await writeFile(join(root, 'harness/constraints/narrow.md'), narrow)
    await writeFile(join(root, 'harness/compile.yaml'), 'targets: [messages]\n')
    await compile({ root, agents: ['codex'] })
    expect((await readTree(root))[target]).toMatch(/Read docs first[^]*No sleeps/)
    expect((await compile({ root, agents: ['claude'], mode: 'check' })).changes.map(({ path }) => path)).not.toContain(target)
  }
})

test('CON-45 what is planned for the targets of an agent is at places that it reads', async () => {
  const root = await makeTree(sampleHarness(everySurface))
  for (const agent of agentNames) {
    const { outputs } = await compile({ root, mode: 'dry-run', agents: [agent] })
    expect(outputs.length).toBeGreaterThan(0)
    expect([...new Set(outputs.map(({ target }) => target))].toSorted()).toEqual(loadingRules[agent].targets.toSorted())
  }
})

const oneFile = fc.constantFrom<Link | null>(null, ['CLAUDE.md', 'AGENTS.md'], ['AGENTS.md', 'CLAUDE.md'])
type Link = readonly [name: string, target: string]

test('CON-45 one agent after the other is both at once, whatever stood there; nobody else’s text is touched, and removal restores all', async () => {
  const pair = fc.subarray([...agentNames], { minLength: 2, maxLength: 2 })
  await fc.assert(
    fc.asyncProperty(
      peoplesTexts,
      peoplesSettings,
      fc.record({ before: fc.subarray([...targets]), after: fc.subarray([...targets], { minLength: 1 }), link: oneFile }),
      pair,
      async (texts, settingsTexts, { link, ...configured }, [first = 'codex', second = 'claude']) => {
        const own = Object.fromEntries(Object.entries(texts).filter(([path]) => path !== link?.[0]))
        const before = { ...sampleHarness(`targets: [${configured.after.join(', ')}]\n`), ...own, ...settingsTexts }
        const start = async (): Promise<string> => {
          const root = await makeTree(before)
          if (link !== null && link[1] in before) await symlink(link[1], join(root, link[0]))
          if (configured.before.length === 0) return root
          // An older state of everything: other targets, one constraint less, one more.
          await writeFile(join(root, 'harness/compile.yaml'), `targets: [${configured.before.join(', ')}]\n`)
          await writeFile(join(root, 'harness/constraints/late.md'), late)
          await rm(join(root, 'harness/constraints/deadline.md'))
          await compile({ root })
          await rm(join(root, 'harness/constraints/late.md'))
          for (const [path, text] of Object.entries(before))
            if (path.startsWith('harness/')) await writeFile(join(root, path), text)
          return root
        }
        const trees = await Promise.all(
          [[[first], [second]], [[second], [first]], [[first, second]]].map(async (steps) => {
            const root = await start()
            for (const agents of steps) await compileChecked(root, { agents, link })
            return { root, tree: await readTree(root) }
          }),
        )
        expect(trees[1]?.tree).toEqual(trees[0]?.tree)
        expect(trees[2]?.tree).toEqual(trees[0]?.tree)
        for (const { root } of trees) {
          await compile({ root, mode: 'remove' })
          expect(await readTree(root)).toEqual(await readTree(await makeTree(before)))
        }
      },
    ),
    { numRuns: 15 },
  )
})

/** Compiles for agents; only what they read has changed, and a check for them has nothing left to say. */
async function compileChecked(
  root: string,
  { agents, link }: { readonly agents: readonly AgentName[]; readonly link: Link | null },
): Promise<void> {
  const was = await readTree(root)
  await compile({ root, agents })
  const is = await readTree(root)
  const isRead = createReadBy(agents, [{ from: link?.[0] ?? 'CLAUDE.md', to: link?.[1] ?? 'AGENTS.md' }])
  const changed = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter((path) => was[path] !== is[path])
  expect(changed.filter((path) => !isRead(path) && path !== 'harness/generated/manifest.json')).toEqual([])
  expect((await compile({ root, mode: 'check', agents })).changes).toEqual([])
}
