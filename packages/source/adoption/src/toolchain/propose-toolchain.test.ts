import * as fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { makeRepository, removeRepositories } from '../sample-repository.ts'
import { proposeToolchain } from './propose-toolchain.ts'

afterEach(removeRepositories)

type Files = Readonly<Record<string, string>>
const scripts = (more: object = {}): string =>
  JSON.stringify({ scripts: { test: 'vitest run', lint: 'oxlint', typecheck: 'tsc' }, devDependencies: { vitest: '1' }, ...more })

/** One line: the set-up, then each gate. */
async function proposed(files: Files): Promise<string[]> {
  const { setup, gates, notes } = await proposeToolchain(await makeRepository(files))
  return [
    setup === null ? 'no set-up' : `${setup.command.join(' ')} (${setup.keys.join(' ')})`,
    ...gates.map(({ name, command }) => `${name}: ${command.join(' ')}`),
    ...notes.map((note) => `note: ${note}`),
  ]
}

test.each<[string, Files, readonly string[]]>([
  [
    'npm',
    { 'package.json': scripts(), 'package-lock.json': '{}', '.npmrc': '' },
    ['npm ci (package-lock.json package.json .npmrc)', 'lint: npm run lint', 'typecheck: npm run typecheck', 'test: npm test'],
  ],
  [
    'pnpm',
    { 'package.json': scripts(), 'pnpm-lock.yaml': '', 'pnpm-workspace.yaml': '' },
    [
      'pnpm install --frozen-lockfile (pnpm-lock.yaml package.json pnpm-workspace.yaml)',
      'lint: pnpm run lint',
      'typecheck: pnpm run typecheck',
      'test: pnpm test',
    ],
  ],
  [
    'yarn 1',
    { 'package.json': scripts({ scripts: { test: 'jest' } }), 'yarn.lock': '# yarn lockfile v1\n' },
    ['yarn install --frozen-lockfile (yarn.lock package.json)', 'test: yarn test'],
  ],
  [
    'yarn from version 2 on, by its lockfile',
    { 'package.json': scripts({ scripts: { test: 'jest' } }), 'yarn.lock': '__metadata:\n  version: 8\n' },
    ['yarn install --immutable (yarn.lock package.json)', 'test: yarn test'],
  ],
  [
    'yarn from version 2 on, by packageManager',
    { 'package.json': scripts({ scripts: { test: 'jest' }, packageManager: 'yarn@4.1.0+sha224.x' }), 'yarn.lock': '' },
    ['yarn install --immutable (yarn.lock package.json)', 'test: yarn test'],
  ],
  [
    'bun, whose own `test` is no script',
    { 'package.json': scripts({ scripts: { test: 'bun test' } }), 'bun.lock': '' },
    ['bun install --frozen-lockfile (bun.lock package.json)', 'test: bun run test'],
  ],
  [
    'packageManager decides between two lockfiles',
    { 'package.json': scripts({ scripts: {}, packageManager: 'npm@10.0.0' }), 'pnpm-lock.yaml': '', 'package-lock.json': '{}' },
    ['npm ci (package-lock.json package.json)', 'note: pnpm-lock.yaml is not used: package-lock.json is'],
  ],
  [
    'devEngines names it too',
    {
      'package.json': scripts({ scripts: {}, devEngines: { packageManager: { name: 'yarn', version: '^4.0.0' } } }),
      'yarn.lock': '',
    },
    ['yarn install --immutable (yarn.lock package.json)'],
  ],
  [
    'without a lockfile none is written',
    { 'package.json': scripts({ scripts: {} }) },
    [
      'npm install --no-package-lock (package.json)',
      'note: No lockfile is committed, so two worktrees may get different packages',
    ],
  ],
  ['a package without dependencies', { 'package.json': '{"scripts":{"test":"node --test"}}' }, ['no set-up', 'test: npm test']],
  [
    'what npm init writes is no test',
    { 'package.json': '{"scripts":{"test":"echo \\"Error: no test specified\\" && exit 1"}}' },
    ['no set-up'],
  ],
  [
    'scripts that cannot judge',
    {
      'package.json': JSON.stringify({
        scripts: { test: 'jest --watchAll', lint: 'eslint --fix .', typecheck: 'echo ok; exit 0' },
      }),
    },
    [
      'no set-up',
      'note: No gate "lint": the script "lint" changes files instead of judging them',
      'note: No gate "typecheck": the script "typecheck" does nothing',
      'note: No gate "test": the script "test" never ends: it watches',
    ],
  ],
  [
    'their neighbours that can',
    {
      'package.json': JSON.stringify({
        scripts: {
          test: 'vitest --watch',
          'test:ci': 'vitest run',
          lint: 'eslint --fix',
          'lint:check': 'eslint',
          'check-types': 'tsc',
        },
      }),
    },
    ['no set-up', 'lint: npm run lint:check', 'typecheck: npm run check-types', 'test: npm run test:ci'],
  ],
  [
    'Turborepo without scripts at the root',
    {
      'package.json': scripts({ scripts: {} }),
      'pnpm-lock.yaml': '',
      'turbo.json': '{ // tasks\n "tasks": { "lint": {}, "test": {} } }',
    },
    [
      'pnpm install --frozen-lockfile (pnpm-lock.yaml package.json)',
      'lint: pnpm exec turbo run lint',
      'test: pnpm exec turbo run test',
    ],
  ],
  [
    'Nx, by the targets of its projects',
    {
      'package.json': scripts({ scripts: {} }),
      'package-lock.json': '{}',
      'nx.json': '{}',
      'apps/web/project.json': '{"targets":{"test":{}}}',
      'libs/a/package.json': '{"scripts":{"lint":"eslint"}}',
    },
    [
      'npm ci (package-lock.json package.json)',
      'lint: npm exec --no -- nx run-many --target lint',
      'test: npm exec --no -- nx run-many --target test',
    ],
  ],
  [
    'npm workspaces',
    { 'package.json': '{"workspaces":["a"]}', 'package-lock.json': '{}', 'a/package.json': '{"scripts":{"test":"node --test"}}' },
    ['npm ci (package-lock.json package.json)', 'test: npm run test --workspaces --if-present'],
  ],
  [
    'a pnpm workspace',
    { 'package.json': '{}', 'pnpm-lock.yaml': '', 'pnpm-workspace.yaml': '', 'a/package.json': '{"scripts":{"test":"x"}}' },
    ['pnpm install --frozen-lockfile (pnpm-lock.yaml package.json pnpm-workspace.yaml)', 'test: pnpm --recursive run test'],
  ],
  [
    'yarn 1 fails where one workspace lacks the script',
    {
      'package.json': '{"workspaces":["a","b"]}',
      'yarn.lock': '',
      'a/package.json': '{"scripts":{"test":"x","lint":"y"}}',
      'b/package.json': '{"scripts":{"lint":"y"}}',
    },
    ['yarn install --frozen-lockfile (yarn.lock package.json)', 'lint: yarn workspaces run lint'],
  ],
  [
    'one package below the root',
    { 'web/package.json': '{"scripts":{"test":"x"}}', 'web/package-lock.json': '{}', 'README.md': '' },
    ['npm --prefix web ci (web/package-lock.json web/package.json)', 'test: npm --prefix web test'],
  ],
  [
    'several packages that stand apart',
    { 'a/package.json': '{}', 'a/yarn.lock': '', 'b/package.json': '{}', 'b/yarn.lock': '' },
    ['no set-up', 'note: a/package.json, b/package.json stand apart: name their commands yourself'],
  ],
  [
    'make',
    {
      Makefile: 'X := 1\nall: test\n.PHONY: test lint\ntest lint: deps\n\t./run \\\n  check: no\ninstall:\n\tcp x /usr\ndeps:\n',
    },
    ['make deps (Makefile)', 'lint: make lint', 'test: make test'],
  ],
  [
    'just, but for recipes with parameters',
    { justfile: 'x := "1"\n@test *args: build\n  cargo test\nlint path:\n  x\ntypecheck mode="all":\n  x\n' },
    ['no set-up', 'typecheck: just typecheck', 'test: just test'],
  ],
  [
    'scripts go before a Makefile',
    { 'package.json': '{"scripts":{"test":"x"}}', Makefile: 'test:\n\tnpm test\nlint:\n\tx\n' },
    ['no set-up', 'lint: make lint', 'test: npm test', 'note: Makefile has `make test` too: `npm test` was taken'],
  ],
  [
    'two languages need one script',
    { 'Cargo.toml': '[workspace]\n', 'Cargo.lock': '', 'package.json': '{}', 'package-lock.json': '{}' },
    [
      'npm ci (package-lock.json package.json)',
      'test: cargo test --workspace --locked',
      'note: Cargo.lock asks for `cargo fetch --locked` too: `setup` holds one command, such as a script that does both',
    ],
  ],
  [
    'Go and Python',
    { 'go.mod': 'module x\n', 'uv.lock': '', 'pyproject.toml': '[dependency-groups]\ndev = ["pytest>=8", "ruff"]\n' },
    [
      'uv sync --frozen (uv.lock pyproject.toml)',
      'lint: go vet ./...',
      'test: go test ./...',
      'note: pyproject.toml has `uv run --frozen ruff check` too: `go vet ./...` was taken',
      'note: pyproject.toml has `uv run --frozen pytest` too: `go test ./...` was taken',
    ],
  ],
  ['nothing', { 'README.md': '' }, ['no set-up']],
  ['no JSON', { 'package.json': '{' }, ['no set-up', 'note: package.json is no JSON']],
])('INIT-1 reads what a repository says of itself: %s', async (_, files, expected) => {
  expect(await proposed(files)).toEqual(expected)
})

test('INIT-1 a lockfile that git ignores is not in a clean worktree', async () => {
  const files = { 'package.json': scripts({ scripts: {} }), 'package-lock.json': '{}', '.gitignore': 'package-lock.json\n' }
  expect((await proposed(files))[0]).toBe('npm install --no-package-lock (package.json)')
})

test('INIT-1 whatever stands in the files, a proposal is a list of words', async () => {
  const text = fc.oneof(
    fc.json(),
    fc.string(),
    fc.constantFrom('{"scripts":null}', '{"scripts":{"test":1}}', '[]', 'null', '{"packageManager":{}}'),
  )
  const name = fc.constantFrom(
    'package.json',
    'turbo.json',
    'nx.json',
    'Makefile',
    'justfile',
    'yarn.lock',
    'pyproject.toml',
    'uv.lock',
    'a/package.json',
  )
  await fc.assert(
    fc.asyncProperty(fc.dictionary(name, text, { noNullPrototype: true }), async (files) => {
      const { setup, gates } = await proposeToolchain(await makeRepository(files))
      for (const { command } of [...(setup === null ? [] : [setup]), ...gates])
        expect(command.every((word) => typeof word === 'string' && word !== '')).toBe(true)
    }),
    { numRuns: 60 },
  )
})
