import { posix } from 'node:path'
import { findRoot, listFiles } from '@coxswain/facts'
import { counted, CoxError } from '@coxswain/kernel'
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
  /** A pattern may match no file: without this it is taken for a misspelt one. */
  readonly allowEmpty?: boolean
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
          : [`${counted(findings.length, 'finding')} in ${received.paths.join(', ')}`, ...shown, ...more].join('\n\n'),
    }
  },
}

/** @throws CoxError PATH_UNKNOWN when a pattern matches no file, whichever way the assertion is turned */
async function findingsOf({ paths, cwd }: SourceSelection, { rules, allowEmpty }: FindingsFilter): Promise<readonly Finding[]> {
  const { default: picomatch } = await import('picomatch')
  const { root, inside } = findRoot(cwd)
  const patterns = paths.map((path) => ({ path, covers: picomatch(globsFromRoot(path, inside), { dot: true }) }))
  if (allowEmpty !== true) {
    const files = (await listFiles(root)).paths
    const unmet = patterns.filter(({ covers }) => !files.some((file) => covers(file))).map(({ path }) => path)
    if (unmet.length > 0) throw nothingAt(unmet, inside)
  }
  const report = await runCheck({ cwd, rules: rules ?? [] })
  return report.findings.filter((finding) => patterns.some(({ covers }) => covers(finding.file)))
}

/** Findings name files from the root of the repository; a test runs wherever its package stands. */
function globsFromRoot(path: string, inside: string): string[] {
  const fromRoot = posix.join(inside, path).replace(/\/$/, '')
  return fromRoot === '.' ? ['**'] : [fromRoot, `${fromRoot}/**`]
}

function nothingAt(unmet: readonly string[], inside: string): CoxError {
  const hint = `Correct ${unmet.length === 1 ? 'it' : 'them'}, or say that this is meant: toHaveNoFindings({ allowEmpty: true }).`
  const place = inside === '' ? 'in the repository' : `below ${inside}`
  // A test runner prints the message alone.
  return new CoxError('PATH_UNKNOWN', `source('${unmet.join("', '")}') matches no file ${place}. ${hint}`, { hint })
}
