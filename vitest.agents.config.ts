import { defineConfig } from 'vitest/config'

/** Real agent programs against the scripted model: `npm run test:agents` installs them and closes the network first. */
export default defineConfig({
  test: {
    // The rewriter is built in, and passes the same suite in every run of the tests: here it stands beside the others.
    include: [
      'packages/*/*/src/**/*.agents.test.ts',
      'packages/adapters/agent-rewriter/src/*.test.ts',
      'scenarios/**/*.agents.test.ts',
    ],
    testTimeout: 240_000,
    hookTimeout: 240_000,
    maxWorkers: 2,
    // Of those that say so: whole worlds, each with a database and a daemon.
    maxConcurrency: 2,
  },
})
