import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createWorld, ended, processesOf, until, type World } from './world.ts'

/* What `cox init` proposes, and what it sees when it tries that. */

const lock = '{ "name": "shop", "lockfileVersion": 3, "packages": { "": { "name": "shop" } } }\n'

function manifest(scripts: Readonly<Record<string, string>>): string {
  return `${JSON.stringify({ name: 'shop', scripts })}\n`
}

/** Without times and without what npm says of itself. */
function steady(text: string): string {
  return text.replaceAll(/\d+\.\d s/g, 'N s').replaceAll(/^.*\| (?:npm|>) .*\n/gm, '')
}

async function section(world: World, from: string, to: string): Promise<string> {
  const text = await world.read('harness/harness.yaml')
  return steady(text.slice(text.indexOf(from), text.indexOf(to)))
}

function expectNothingLeft(world: World): void {
  expect(world.git('worktree', 'list', '--porcelain').match(/^worktree /gm)).toHaveLength(1)
  expect(readdirSync(world.state()).filter((name) => name.startsWith('trial-'))).toEqual([])
  expect(world.git('status', '--short', '--', ':!harness')).toBe('')
}

test.concurrent('INIT-2 init proposes a set-up and gates, tries them on a clean worktree, and writes what it saw', async ({
  expect,
}) => {
  const files = {
    'package.json': manifest({
      test: "node -e \"require('fs').accessSync('made')\"",
      preinstall: 'echo > made',
      lint: 'node -e "console.log(\'\\u001b[31m3 errors\\u001b[0m\'); process.exit(3)"',
      typecheck: 'echo x > tracked.txt',
    }),
    'package-lock.json': lock,
    'tracked.txt': 'as it was\n',
    '.gitignore': 'made\n',
  }
  await using world = await createWorld({ config: null, files })
  // What lies in the person's own folder is not in a clean worktree.
  await world.write('package.json', manifest({ test: 'exit 1' }))
  await world.write('package.json', files['package.json'])
  const { code, stdout, stderr } = await world.cox('init')
  expect([code, steady(stdout)]).toEqual([
    0,
    `setup     npm ci: passed in N s
lint      npm run lint: failed: exit code 3
            | 3 errors
typecheck npm run typecheck: failed: it changes files that git tracks: tracked.txt
test      npm test: passed in N s
harness/harness.yaml written: what failed stands there as a comment. Correct it, commit the file, then: cox run "…"
`,
  ])
  expect(stderr).toMatch(/^(?:not contained: .+\n)?trying npm ci …\npassed in [\d.]+ s\ntrying npm run lint …\n/)
  expect(await section(world, '# From package-lock', '\n# What proves')).toBe(
    `# From package-lock.json; on a clean worktree: passed in N s.
setup:
  command: [npm, ci]
  keys: [package-lock.json, package.json]
`,
  )
  expect(await section(world, 'gates:\n', '\n# Folders that gates keep')).toBe(
    `gates:
  # From package.json; on a clean worktree: failed: exit code 3.
  # | 3 errors
  # - name: lint
  #   command: [npm, run, lint]
  # From package.json; on a clean worktree: failed: it changes files that git tracks: tracked.txt.
  # - name: typecheck
  #   command: [npm, run, typecheck]
  # From package.json; on a clean worktree: passed in N s.
  - name: test
    command: [npm, test]
`,
  )
  expectNothingLeft(world)
  expect((await world.cox('init')).stdout).toBe('harness/harness.yaml is there already; nothing was changed\n')
})

test.concurrent('INIT-2 where the set-up fails no gate is tried, and both say so', async ({ expect }) => {
  const files = { 'package.json': manifest({ test: 'node --test', preinstall: 'exit 1' }), 'package-lock.json': lock }
  await using world = await createWorld({ config: null, files })
  expect(await world.ask('init')).toMatchObject({
    code: 0,
    setup: { command: ['npm', 'ci'], trial: { kind: 'failed', reason: 'exit code 1' } },
    gates: [{ name: 'test', trial: { kind: 'not-tried', reason: 'the set-up did not pass' } }],
  })
  expect(await section(world, 'gates:\n', '\n# Folders that gates keep')).toBe(
    'gates:\n  # From package.json; on a clean worktree: not tried: the set-up did not pass.\n  - name: test\n    command: [npm, test]\n',
  )
})

test.concurrent('INIT-2 files that a set-up makes and git does not ignore would be the work of every agent', async ({
  expect,
}) => {
  const files = { 'package.json': manifest({ preinstall: 'mkdir made && echo > made/x' }), 'package-lock.json': lock }
  await using world = await createWorld({ config: null, files })
  const reason = 'it makes files that git does not ignore: made/'
  expect(await world.ask('init')).toMatchObject({ setup: { trial: { kind: 'failed', reason } } })
})

test.concurrent('INIT-2 what is not committed cannot be tried, and --no-try runs nothing', async ({ expect }) => {
  const script = 'echo > "$HOME/ran"; exit 1'
  await using world = await createWorld({ config: null, files: null })
  await world.write('package.json', manifest({ test: script }))
  expect(await world.ask('init', '--print')).toMatchObject({
    gates: [{ trial: { kind: 'not-tried', reason: 'this only prints' } }],
  })
  expect(existsSync(join(world.repo, 'harness'))).toBe(false)
  expect(await world.ask('init')).toMatchObject({ gates: [{ trial: { reason: 'there is no commit yet' } }] })
  world.git('clean', '-fdq', 'harness')
  world.commit('first')
  await world.write('package-lock.json', lock)
  expect(await world.ask('init')).toMatchObject({ setup: { trial: { reason: 'package-lock.json is not committed' } } })
  world.git('clean', '-fdq', 'harness')
  expect((await world.cox('init', '--no-try')).stdout).toContain('test      npm test: not tried: --no-try was given\n')
  expect(existsSync(join(world.env['HOME'] ?? '', 'ran'))).toBe(false)
})

test.concurrent('INIT-3 Ctrl-C in the middle writes nothing and leaves nothing; what kill -9 left goes with the next time', async ({
  expect,
}) => {
  const files = { 'package.json': manifest({ test: 'sleep 300' }) }
  await using world = await createWorld({ config: null, files })
  for (const signal of ['SIGKILL', 'SIGINT'] as const) {
    const child = world.start('init')
    const end = ended(child)
    await until(() => processesOf(world.root).some((command) => command.includes('sleep 300')), 'the gate runs')
    child.kill(signal)
    const { code, stderr } = await end
    if (signal === 'SIGINT') expect([code, stderr]).toEqual([2, expect.stringContaining('INTERRUPTED: ')])
    await until(() => processesOf(world.root).length === 0, 'nothing of it runs')
    expect(existsSync(join(world.repo, 'harness'))).toBe(false)
  }
  expectNothingLeft(world)
})
