import { defineConfig } from 'vitest/config'

const exclude = ['**/node_modules/**', '**/*.agents.test.ts']

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'packages',
          include: ['packages/*/*/src/**/*.test.ts'],
          exclude,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // They wait for processes and databases more than they compute: also on two cores.
          maxWorkers: 4,
        },
      },
      {
        // Each file starts daemons, databases and agents of its own: two files at a time, a few scenarios of each at once.
        test: {
          name: 'scenarios',
          include: ['scenarios/**/*.test.ts'],
          exclude,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          maxWorkers: 2,
          maxConcurrency: 4,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
