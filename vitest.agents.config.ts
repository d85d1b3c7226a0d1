import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What takes minutes begins first, or one of two cores is idle at the end. */
const longest = ['opencode.agents', 'delivery.agents', 'gemini.agents', 'claude.agents', 'codex.agents', 'real-agents.agents']

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = longest.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`))
      return at === -1 ? longest.length : at
    }
    return files.toSorted((left, right) => rank(left) - rank(right))
  }
}

/** Real agent programs against the scripted model: `npm run test:agents` installs them and closes the network first. */
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
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
