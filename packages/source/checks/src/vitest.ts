import { posix } from 'node:path'
import { findRoot } from '@coxswain/facts'
import type { Finding } from './finding.ts'
import { renderFinding } from './report/render-text.ts'
import { runCheck } from './run-check.ts'

/** Files that a source test is about: globs or paths below any folder of a repository. */
export interface SourceSelection {
  readonly paths: readonly string[]
  readonly cwd: string
}

/** `await expect(source('packages/**')).toHaveNoFindings({ rules: ['max-lines'] })` */
export function source(paths: string | readonly string[], cwd = '.'): SourceSelection {
  return { paths: typeof paths === 'string' ? [paths] : paths, cwd }
}

export interface FindingsFilter {
  /** Rule ids; none means all that are configured. */
  readonly rules?: readonly string[]
}

declare module 'vitest' {
  // The name of the type parameter is vitest's own.
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> {
    toHaveNoFindings(filter?: FindingsFilter): Promise<R>
    /** Keeps the parameter in use; never set. */
    readonly sourceOfFindings?: T
  }
}

const mostShown = 5

/** What a matcher answers to the test runner. */
export interface MatcherAnswer {
  readonly pass: boolean
  readonly message: () => string
}

/** `expect.extend(sourceMatchers)`, in a set-up file: the runner is handed ours, so that nothing of it is loaded here. */
export const sourceMatchers: {
  readonly toHaveNoFindings: (received: SourceSelection, filter?: FindingsFilter) => Promise<MatcherAnswer>
} = {
  async toHaveNoFindings(received, filter = {}) {
    const findings = await findingsOf(received, filter)
    const shown = findings.slice(0, mostShown).map(renderFinding)
    const more = findings.length > mostShown ? [`and ${findings.length - mostShown} more`] : []
    return {
      pass: findings.length === 0,
      message: () =>
        findings.length === 0
          ? `expected ${received.paths.join(', ')} to have findings`
          : [
              `${findings.length} finding${findings.length === 1 ? '' : 's'} in ${received.paths.join(', ')}`,
              ...shown,
              ...more,
            ].join('\n\n'),
    }
  },
}

async function findingsOf({ paths, cwd }: SourceSelection, { rules }: FindingsFilter): Promise<readonly Finding[]> {
  const { default: picomatch } = await import('picomatch')
  const report = await runCheck({ cwd, rules: rules ?? [] })
  const { inside } = findRoot(cwd)
  // Findings name files from the root of the repository; a test runs wherever its package stands.
  const fromRoot = paths.map((path) => posix.join(inside, path).replace(/\/$/, ''))
  const covers = picomatch(
    fromRoot.flatMap((path) => (path === '.' ? ['**'] : [path, `${path}/**`])),
    { dot: true },
  )
  return report.findings.filter((finding) => covers(finding.file))
}
