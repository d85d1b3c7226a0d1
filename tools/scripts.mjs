/** Every script of this repository; `node tools/run.mjs <name>` runs one. `$node` and `$pnpm` are the pinned programs. */
export const scripts = {
  demo: {
    about: 'the main job on a sample workspace',
    steps: [['$node', '--disable-warning=ExperimentalWarning', 'packages/dev/demo/src/main.ts']],
  },
  test: { about: 'all tests', steps: [['$node', 'node_modules/vitest/vitest.mjs', 'run']] },
  'test:agents': {
    about: 'real agent programs against a scripted model, without a network',
    steps: [['$node', 'packages/dev/testing/src/agents/run-agent-tests.ts']],
  },
  'bench:compile': { about: 'compile beside rulesync on the same content', steps: [['$node', 'bench/compile/main.ts']] },
  'bench:check': {
    about: 'cox check beside oxlint and a bare parse, on a million lines',
    steps: [['$node', '--expose-gc', '--disable-warning=ExperimentalWarning', 'bench/check/main.ts']],
  },
  chaos: { about: 'kills our own processes while a backlog is worked off', steps: [['$node', 'packages/dev/chaos/src/main.ts']] },
  sabotage: {
    about: 'breaks promises of specs/ one by one in a copy, and demands that tests notice',
    steps: [['$node', '--disable-warning=ExperimentalWarning', 'packages/dev/sabotage/src/main.ts']],
  },
  'bench:runs': { about: 'what a run costs on top of a shell script', steps: [['$node', 'bench/runs/main.ts']] },
  'bench:worktree': {
    about: 'a warm worktree of a large workspace beside git worktree add',
    steps: [['$node', 'bench/worktree/main.ts']],
  },
  'bench:start': { about: 'cox --help beside node -e 0', steps: [['$node', 'bench/start/main.ts']] },
  check: {
    about: 'format, lint, types, unused code',
    steps: [
      ['$node', 'node_modules/oxfmt/bin/oxfmt', '--check'],
      ['$node', 'node_modules/oxlint/bin/oxlint', '--quiet'],
      ['$node', 'node_modules/typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.json'],
      ['$node', 'node_modules/knip/bin/knip.js', '--no-config-hints'],
    ],
  },
  format: { about: 'format every file', steps: [['$node', 'node_modules/oxfmt/bin/oxfmt', '--write']] },
  pack: { about: 'the package that people install, as a tarball', steps: [['$node', 'packages/dev/packaging/src/main.ts']] },
  cox: { about: 'the CLI from source', inPlace: true, steps: [['$node', 'packages/apps/cli/src/main.ts']] },
  pnpm: { about: 'the pinned pnpm', bare: true, steps: [['$pnpm']] },
}
