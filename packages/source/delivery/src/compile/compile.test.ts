import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { compile, isStale } from './compile.ts'
import { targets } from './compile-config.ts'
import { hookScript, hookScriptFile } from './hook-script.ts'
import { renderCompile } from './render-compile.ts'
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

test('every surface, whole', async () => {
  const root = await makeTree({ ...sampleHarness(everySurface), 'AGENTS.md': 'Words of people.\n' })
  const report = await compile({ root })
  expect(report.problems).toEqual([])
  const tree = await readTree(root)
  expect(tree[hookScriptFile]).toBe(hookScript)
  const generated = Object.entries(tree).filter(
    ([path]) => path !== hookScriptFile && (!(path in sampleHarness('')) || path === 'AGENTS.md'),
  )
  await expect(generated.map(([path, text]) => `=== ${path}\n${text}`).join('')).toMatchFileSnapshot('fixtures/every-surface.txt')
})

test('compiling again changes nothing, and a check passes', async () => {
  const root = await makeTree(sampleHarness(everySurface))
  await compile({ root })
  const again = await compile({ root, mode: 'check' })
  expect(renderCompile(again, { diff: true })).toMatchInlineSnapshot(`
    "degraded claude: Claude Code runs its hooks only when it is started in the root (tests)
    degraded agents: Codex runs its hooks once its user trusts the project and has reviewed them, and until then says nothing (tests)
    degraded gemini: Gemini CLI runs its hooks only when it is started in the root and its user trusts the folder; --skip-trust is not enough (tests)
    degraded hooks: a stop names no file: they run at every one, whatever their scope (tests)
    compiled surfaces are current (22 files)
    "
  `)
  expect(isStale(again)).toBe(false)
})

test('compile, then remove, restores every file byte for byte', async () => {
  await fc.assert(
    fc.asyncProperty(
      peoplesTexts,
      fc.subarray([...targets], { minLength: 1 }),
      peoplesSettings,
      async (texts, chosen, settingsFile) => {
        const root = await makeTree({ ...sampleHarness(`targets: [${chosen.join(', ')}]\n`), ...texts, ...settingsFile })
        const before = await readTree(root)
        await compile({ root })
        await compile({ root })
        await compile({ root, mode: 'remove' })
        expect(await readTree(root)).toEqual(before)
      },
    ),
    { numRuns: 25 },
  )
})

test('a hand edit inside a block is kept aside and reported', async () => {
  const root = await makeTree(sampleHarness('targets: [agents]\n'))
  await compile({ root })
  const text = await readFile(join(root, 'AGENTS.md'), 'utf8')
  await writeFile(join(root, 'AGENTS.md'), text.replace('Read docs first', 'Read docs first, and the wiki'))
  const report = await compile({ root })
  expect(report.problems.map((problem) => `${problem.code} ${problem.file}`)).toEqual(['BLOCK_EDITED AGENTS.md'])
  const kept = (await readdir(join(root, 'harness/kept'))).map((name) => join(root, 'harness/kept', name))
  expect(await Promise.all(kept.map((path) => readFile(path, 'utf8')))).toEqual([expect.stringContaining('and the wiki')])
  expect(await readFile(join(root, 'AGENTS.md'), 'utf8')).toBe(text)
})

test('an edited generated file is kept aside before it is removed', async () => {
  const root = await makeTree(sampleHarness('targets: [claude]\n'))
  await compile({ root })
  const [rule = ''] = await readdir(join(root, '.claude/rules'))
  await writeFile(join(root, '.claude/rules', rule), 'my own words')
  const report = await compile({ root, mode: 'remove' })
  expect(report.problems.map((problem) => problem.code)).toEqual(['BLOCK_EDITED'])
  const kept = Object.entries(await readTree(root)).filter(([path]) => path.startsWith('harness/kept/'))
  expect(kept.map(([, text]) => text)).toEqual(['my own words'])
})

test('what must not be touched is left alone and reported', async () => {
  const root = await makeTree({
    ...sampleHarness('targets: [agents, claude, copilot, index]\n'),
    'AGENTS.md': 'a\n<<<<<<< ours\nb\n=======\nc\n>>>>>>> theirs\n',
    'packages/a/AGENTS.md': new Uint8Array([0xff, 0xfe, 0x41]),
    'docs/constraints.md': 'by hand',
    'CLAUDE.md': 'read-only\n',
  })
  await chmod(join(root, 'CLAUDE.md'), 0o444)
  await mkdir(join(root, '.github'))
  await symlink('/etc/hostname', join(root, '.github/copilot-instructions.md'))
  const before = await readTree(root)
  const report = await compile({ root })
  expect(report.problems.map((problem) => `${problem.code} ${problem.file}:${problem.line}`)).toEqual([
    'SYMLINK_OUTSIDE .github/copilot-instructions.md:1',
    'MERGE_CONFLICT AGENTS.md:2',
    'FILE_READ_ONLY CLAUDE.md:1',
    'FILE_TAKEN docs/constraints.md:1',
    'FILE_NOT_UTF8 packages/a/AGENTS.md:1',
  ])
  const after = await readTree(root)
  expect(Object.fromEntries(Object.keys(before).map((path) => [path, after[path]]))).toEqual(before)
})

test('settings that cannot be read are left alone, and those rewritten since keep what is not ours', async () => {
  const root = await makeTree({ ...sampleHarness('targets: [claude, hooks]\n'), '.claude/settings.json': '{ // mine\n}' })
  const refused = await compile({ root })
  expect(refused.problems.map((problem) => problem.code)).toEqual(['SETTINGS_UNREADABLE'])
  expect((await readTree(root))['.claude/settings.json']).toBe('{ // mine\n}')
  await writeFile(join(root, '.claude/settings.json'), '{"model":"m"}')
  await compile({ root })
  const written: unknown = JSON.parse(await readFile(join(root, '.claude/settings.json'), 'utf8'))
  await writeFile(join(root, '.claude/settings.json'), JSON.stringify(written, null, 4))
  const report = await compile({ root, mode: 'remove' })
  expect(report.problems.map((problem) => problem.code)).toEqual(['BLOCK_EDITED'])
  expect((await readTree(root))['.claude/settings.json']).toBe('{\n  "model": "m"\n}\n')
})

test('two names of one file are written once', async () => {
  const root = await makeTree({ ...sampleHarness('targets: [agents, claude]\n'), 'AGENTS.md': 'Words.\n' })
  await symlink('AGENTS.md', join(root, 'CLAUDE.md'))
  const report = await compile({ root })
  expect(report.degradations.map((one) => one.reason)).toEqual([
    'the rung `hook` reaches nobody: add `hooks` to `targets` in harness/compile.yaml',
    'the rung `skill` reaches nobody: add `skills` to `targets` in harness/compile.yaml',
    'the rung `review` reaches nobody: add `review` to `targets` in harness/compile.yaml',
  ])
  expect((await readTree(root))['AGENTS.md']).not.toContain('@AGENTS.md')
  await compile({ root, mode: 'remove' })
  expect((await readTree(root))['AGENTS.md']).toBe('Words.\n')
})

test('a broken constraint stops the whole compile', async () => {
  const root = await makeTree({ ...sampleHarness('targets: [agents]\n'), 'harness/constraints/broken.md': '---\nid: broken\n' })
  const report = await compile({ root })
  expect([report.isRefused, report.changes]).toEqual([true, []])
})

test('the root stays a map, and what does not fit is named', async () => {
  const many = Object.fromEntries(
    Array.from({ length: 30 }, (_, index) => [
      `harness/constraints/rule-${index}.md`,
      constraintText(`rule-${index}`, { rungs: `  - root: Decision ${index}` }),
    ]),
  )
  const root = await makeTree({ ...many, 'harness/compile.yaml': 'rootLines: 20\n' })
  const report = await compile({ root })
  const text = await readFile(join(root, 'AGENTS.md'), 'utf8')
  expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(20)
  expect(text).toContain('more: docs/constraints.md')
  expect(report.problems.map((problem) => problem.code)).toEqual(['ROOT_FULL'])
  expect(report.changes.map((change) => change.path)).toEqual([
    'AGENTS.md',
    'docs/constraints.md',
    'harness/generated/manifest.json',
  ])
})

test('a chain beyond the cap of an agent is a warning that names what is lost', async () => {
  const root = await makeTree({ ...sampleHarness('targets: [agents]\n'), 'AGENTS.md': `${'filler '.repeat(6_000)}\n` })
  const report = await compile({ root })
  const cuts = report.problems.filter((problem) => problem.code === 'DELIVERY_CUT').map((problem) => problem.message)
  expect(cuts).toEqual([
    'codex 0.169.0, started in the root, cuts the chain at 32768 bytes and loses of AGENTS.md: map, tests',
    'codex 0.169.0, started in packages/a, cuts the chain at 32768 bytes and loses of packages/a/AGENTS.md: deadline',
  ])
})

test('CON-49 an agent that has its own file, and gets nothing because of it, is one warning with both ways out', async () => {
  const told = async (files: Readonly<Record<string, string>>, config = ''): Promise<string[]> => {
    const { 'harness/compile.yaml': _, ...harness } = sampleHarness('')
    const root = await makeTree({ ...harness, ...(config !== '' && { 'harness/compile.yaml': config }), ...files })
    const { problems } = await compile({ root, mode: 'check' })
    return problems
      .filter(({ code }) => code === 'DELIVERY_UNREAD')
      .map(({ file, message, hint }) => `${file}: ${message}. ${hint}`)
  }
  const own = { 'CLAUDE.md': 'Words of people.\n' }
  expect(await told({ ...own, 'GEMINI.md': 'Others.\n', '.github/copilot-instructions.md': 'Read besides.\n' })).toEqual([
    'CLAUDE.md: claude reads CLAUDE.md, not AGENTS.md: it receives 0 of 3 constraints. Write `targets: [agents, claude]` in harness/compile.yaml, or put @AGENTS.md into CLAUDE.md.',
    'GEMINI.md: gemini reads GEMINI.md, not AGENTS.md: it receives 0 of 3 constraints. Write `targets: [agents, gemini]` in harness/compile.yaml, or put @AGENTS.md into GEMINI.md.',
  ])
  expect(await told({ '.claude/CLAUDE.md': 'Words.\n' })).toEqual([expect.stringMatching(/^\.claude\/CLAUDE\.md: claude reads/)])
  expect(await told(own, 'targets: [agents, claude]\n')).toEqual([])
  expect(await told({ 'CLAUDE.md': '@AGENTS.md\n' })).toEqual([])
  expect(await told({ 'CLAUDE.md': 'See [the rules](AGENTS.md).\n' })).toEqual([])
  expect(await told({ 'AGENTS.md': 'Words.\n' })).toEqual([])
  const linked = await makeTree({ ...sampleHarness('targets: [agents]\n'), 'AGENTS.md': 'Words.\n' })
  await symlink('AGENTS.md', join(linked, 'CLAUDE.md'))
  expect((await compile({ root: linked })).problems).toEqual([])
})
