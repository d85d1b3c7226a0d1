import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['packages/*/*/src/**/*.test.ts', 'scenarios/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/*.agents.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
