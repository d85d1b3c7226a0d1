import { utimes } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'vitest'
import { createWorld, type World } from './world.ts'

/* Capabilities: C1, C2, C4, C6. Constraints from the command line, as a team meets them; no daemon, no store. */

const text = (id: string, rungs: string, scope = '**'): string =>
  `---\nid: ${id}\nclass: c\nseverity: advice\nscope: ['${scope}']\nrungs:\n${rungs}owner: team\n---\n\n# ${id}\n\n## Why\n\nw\n\n## Fix\n\nf\n`

const plainWorld = (files: Readonly<Record<string, string>>): Promise<World> => createWorld({ config: null, files })

/** As if everything had been written a minute ago: what is younger is not remembered. */
async function age(world: World): Promise<void> {
  const then = Date.now() / 1_000 - 60
  for (const path of world.git('ls-files', '--cached', '--others').split('\n')) await utimes(join(world.repo, path), then, then)
}

test.concurrent('a compile that changes nothing says the same from memory as from its sources', async ({ expect }) => {
  await using world = await plainWorld({
    'harness/constraints/one.md': text('one', '  - root: Do one thing\n'),
    '.gitignore': 'harness/constraints/private.md\n',
  })
  expect((await world.cox('compile')).stdout).toBe('  new AGENTS.md\nchanged 1 file\n')
  await age(world)
  for (let round = 0; round < 2; round += 1) {
    expect(await world.cox('compile')).toMatchObject({ code: 0, stdout: 'nothing to change (1 file)\n' })
    expect(await world.cox('compile', '--check')).toMatchObject({ code: 0, stdout: 'compiled surfaces are current (1 file)\n' })
    expect(await world.ask('compile', '--check')).toMatchObject({ code: 0, changes: [] })
  }
  await world.write('harness/constraints/private.md', text('private', '  - root: Do another\n'))
  expect(await world.cox('compile', '--check')).toMatchObject({ code: 1, stdout: expect.stringContaining('1 file out of date') })
  expect(await world.cox('compile', '--chekc')).toMatchObject({ code: 2, stderr: expect.stringContaining('--check') })
})

test.concurrent('a misspelt file says where and what, and nothing is compiled or called formatted', async ({ expect }) => {
  const broken = text('two', '  - rot: Do another\n').replace('advice', 'warn')
  await using world = await plainWorld({
    'harness/constraints/one.md': text('one', '  - root: Do one thing\n', 'src/**'),
    'harness/constraints/two.md': broken,
  })
  const listed = await world.cox('constraint', 'list')
  expect(listed).toMatchObject({ code: 1, stderr: '' })
  expect(listed.stdout).toMatchInlineSnapshot(`
    "one  advice   root        one
    error VALUE_INVALID harness/constraints/two.md:4
      \`severity\`: write "error", "warning" or "advice", not "warn"
      → Did you mean \`warning\`?
    error KEY_UNKNOWN harness/constraints/two.md:7
      \`rungs[1].rot\` is not a known key
      → Did you mean \`root\`?
    warning SCOPE_EMPTY harness/constraints/one.md:5
      The scope \`src/**\` matches no file
      → Correct the glob, or retire the constraint.
    "
  `)
  expect(await world.cox('compile')).toMatchObject({ code: 1, stdout: expect.stringContaining('nothing compiled') })
  expect(await world.cox('constraint', 'fmt', '--check')).toMatchObject({ code: 1, stdout: expect.stringContaining('two.md:7') })
  expect((await world.ask<{ notes: string[] }>('check')).notes).toEqual([
    'no harness/checks.yaml here: default rules, warnings only',
    expect.stringContaining('nothing here is TypeScript or JavaScript'),
  ])
})

test.concurrent('what stands in the way is told by the exit code, and flags that contradict each other are refused', async ({
  expect,
}) => {
  await using world = await plainWorld({ 'harness/constraints/one.md': text('one', '  - root: Do one thing\n') })
  await world.write('AGENTS.md', '<<<<<<< a\nx\n=======\ny\n>>>>>>> b\n')
  expect(await world.cox('compile')).toMatchObject({ code: 1, stdout: expect.stringContaining('the errors above are left') })
  expect(await world.cox('compile', '--check')).toMatchObject({ code: 1 })
  expect(await world.cox('compile', '--dry-run')).toMatchObject({ code: 0 })
  await world.write('AGENTS.md', 'x\n')
  expect(await world.cox('compile')).toMatchObject({ code: 0 })
  for (const flags of [
    ['--check', '--remove'],
    ['--dry-run', '--check'],
    ['--remove', '--agent', 'claude'],
  ])
    expect(await world.cox('compile', ...flags)).toMatchObject({ code: 2, stderr: expect.stringContaining('FLAGS_CONFLICT') })
})

test.concurrent('a new constraint says what to do next with a rung of its kind', async ({ expect }) => {
  await using world = await plainWorld({ 'src/a.ts': '' })
  const next = async (rung: string): Promise<string> =>
    (await world.cox('constraint', 'new', `a-${rung}`, '--rung', rung)).stdout.replace(/^.*fill it in, then: /, '').trimEnd()
  expect(await next('check')).toBe('cox constraint test a-check')
  expect(await next('hook')).toBe('cox compile; `cox context --agent claude` (or codex, gemini) says whether it runs there')
  expect(await next('path')).toBe('cox compile; `cox context` shows what an agent gets of it')
  expect(await next('skill')).toBe('write the skill it names below harness/skills, and: cox compile')
  // What is advised says what is missing.
  expect((await world.cox('compile')).stdout).toContain('the rung `hook` reaches nobody: add `hooks` to `targets`')
})

test.concurrent('the baseline takes nothing in without words of why, and a rule is one word', async ({ expect }) => {
  await using world = await plainWorld({ 'src/a.ts': 'try {\n  read()\n} catch {}\n' })
  const blank = await world.cox('check', '--update-baseline', '--accept', ' ')
  expect(blank).toMatchObject({ code: 2, stderr: expect.stringContaining('say why') })
  const alone = await world.cox('check', '--accept', 'known')
  expect([alone.code, alone.stderr]).toEqual([2, expect.stringMatching(/^FLAGS_CONFLICT: `--accept` needs `--update-baseline`/)])
  expect(existsSync(join(world.repo, 'harness/baseline'))).toBe(false)
  expect(await world.cox('check', '--rule', 'no-cycles,max-lines')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('write one at a time: --rule no-cycles --rule max-lines'),
  })
  expect(await world.cox('check', '--update-baseline')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('1 new finding not taken into the baseline'),
  })
})

test.concurrent('what a change takes from gates and rules is named, and what it exempts with a reason is listed', async ({
  expect,
}) => {
  await using world = await plainWorld({
    'harness/harness.yaml': 'gates:\n  - { name: test, command: [npm, test] }\nsandbox: required\n',
    'harness/checks.yaml': 'defaults: error\n',
    'src/a.ts': 'export const a = 1\n',
  })
  world.commit('strict')
  const mark = 'cox-allow' // apart from its rule, so that this file exempts from nothing
  await world.write('harness/harness.yaml', 'sandbox: off\n')
  await world.write('harness/checks.yaml', 'defaults: error\nrules: { no-swallowed-error: off }\n')
  await world.write('src/a.ts', `// ${mark} max-lines owner=bo until=2027-01-31 reason=splits soon\nexport const a = 1\n`)
  expect(await world.cox('constraint', 'weakened', '--since', 'HEAD')).toMatchObject({
    code: 1,
    stdout: [
      'weakened harness/checks.yaml: setting-weakened: no-swallowed-error goes from error to off',
      'weakened harness/harness.yaml: setting-weakened: gate test is removed: `npm test` is no longer run',
      'weakened harness/harness.yaml: setting-weakened: sandbox goes from required to off',
      'exempted, with a reason, src/a.ts: line 1 from max-lines until 2027-01-31 by bo',
      '  reason: splits soon',
      'Take it back, or declare it in the commit: a line `Weakens: <id> <why>`\n',
    ].join('\n'),
  })
  await world.write('harness/harness.yaml', 'gates: [\n')
  const unread = await world.cox('constraint', 'weakened', '--since', 'HEAD')
  expect(unread).toMatchObject({ code: 1, stdout: expect.stringContaining('what it weakens cannot be judged') })
})

test.concurrent('context takes paths from the current folder, as check does', async ({ expect }) => {
  await using world = await plainWorld({ 'packages/a/AGENTS.md': '- Deep [deep]\n', 'packages/a/src/x.ts': '' })
  const received = async (...args: string[]): Promise<unknown> => {
    const { folder, file, isNewFile } = await world.ask<Record<string, unknown>>('context', ...args)
    return [folder, file, isNewFile]
  }
  const inside = ['-C', join(world.repo, 'packages/a')]
  expect(await received('packages/a', '--file', 'packages/a/src/x.ts')).toEqual(['packages/a', 'packages/a/src/x.ts', false])
  expect(await received(...inside, 'src', '--file', 'src/x.ts')).toEqual(['packages/a/src', 'packages/a/src/x.ts', false])
  expect(await received(...inside, '--file', '../new.ts')).toEqual(['', 'packages/new.ts', true])
  expect(await world.ask('context', '--file', '../x.ts')).toMatchObject({ code: 2, error: { code: 'PATH_OUTSIDE' } })
})
