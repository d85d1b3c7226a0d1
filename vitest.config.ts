import { defineConfig } from 'vitest/config'
import { BaseSequencer, type Reporter, type TestSpecification } from 'vitest/node'

const exclude = ['**/node_modules/**', '**/*.agents.test.ts']

// What a commit of a test leaves running in the background would still write into a folder that is being removed.
const env = {
  GIT_CONFIG_COUNT: '2',
  GIT_CONFIG_KEY_0: 'gc.auto',
  GIT_CONFIG_VALUE_0: '0',
  GIT_CONFIG_KEY_1: 'maintenance.auto',
  GIT_CONFIG_VALUE_1: 'false',
}

/** A long file that begins last leaves the other core idle, and how long one takes is not to be seen in its size. */
const longest = ['chaos', 'red-base', 'words', 'stop', 'gates', 'shapes', 'repository', 'daemon', 'steering', 'agent']

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // eslint-disable-next-line unicorn/no-array-sort -- no array's: the base class has the packages before the scenarios
    const sorted = await super.sort(files)
    return sorted.toSorted((left, right) => rank(left.moduleId) - rank(right.moduleId))
  }
}

function rank(path: string): number {
  const name = /\/scenarios\/([\w-]+)\.test\.ts$/.exec(path)?.[1]
  if (name === undefined) return -1
  return longest.includes(name) ? longest.indexOf(name) : longest.length
}

/** The last line of a run: nothing is left out but the tests of forms of containment that this machine lacks. */
const nameAbsentForms: Reporter = {
  onTestRunEnd: async () => {
    const module = new URL('packages/base/sandbox/src/find-sandbox.ts', import.meta.url).href
    const { findForms } = (await import(module)) as typeof import('./packages/base/sandbox/src/find-sandbox.ts')
    const environment = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined)
    const present = new Set((await findForms(Object.fromEntries(environment))).map(({ kind }) => kind))
    const absent = (['bubblewrap', 'namespaces', 'landlock'] as const).filter((kind) => !present.has(kind))
    process.stdout.write(`Forms of containment not tested, because they do not work here: ${absent.join(', ') || 'none'}\n`)
  },
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    reporters: ['default', nameAbsentForms],
    projects: [
      {
        test: {
          name: 'packages',
          include: ['packages/*/*/src/**/*.test.ts'],
          exclude,
          env,
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
          env,
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
