import { CoxError, isCoxError, mapLimit } from '@coxswain/kernel'
import type { CheckFinding, CheckRunner } from './check-runner.ts'
import { runRemembered } from './command-memory.ts'
import { checksOf, type Check, type Constraint, type PatternCheck, type Severity } from './constraint.ts'
import { listTree } from './list-tree.ts'
import type { MatchCache } from './match-cache.ts'
import { matchPatterns } from './match-patterns.ts'
import { compareText } from './problem.ts'
import { globTest, scopeTest } from './scope.ts'
import { checkRunner } from './test-constraints.ts'

export interface EnforceOptions {
  readonly root: string
  readonly constraints: readonly Constraint[]
  /** The files to look at: the whole tree, or what changed. */
  readonly files: readonly string[]
  /** `YYYY-MM-DD`; an exemption holds until the end of its day. */
  readonly today: string
  /** Runs built-in rules. Without it, constraints that use them are left to the checks room. */
  readonly runRule?: CheckRunner
  /** What patterns found before, and commands that say what they read; others may read anything and always run. */
  readonly cache?: MatchCache
  readonly signal?: AbortSignal
}

export interface Breach {
  readonly id: string
  readonly severity: Severity
  readonly file: string
  readonly line: number
  readonly column: number
  readonly text: string
  readonly what: string
  readonly why: string
  readonly fix: string
  readonly see: readonly string[]
  /** The check itself could not run: an error at the constraint's own file, whatever the constraint's severity. */
  readonly isBroken: boolean
}

/** Runs every check of the constraints on the files in their scope, but for what is exempt today; by id, file and place. */
export async function enforceConstraints(options: EnforceOptions): Promise<Breach[]> {
  const overridden = overridingScopes(options.constraints)
  const jobs = options.constraints.flatMap((constraint) => {
    const checks = runnable(constraint, options)
    const files = checks.length === 0 ? [] : options.files.filter(reachTest(constraint, { today: options.today, overridden }))
    return files.length === 0 ? [] : checks.map((check) => ({ constraint, check, files }))
  })
  const outcomes = [...(await runPatterns(jobs, options)), ...(await runOthers(jobs, options))]
  await options.cache?.save()
  return outcomes.flatMap(toBreaches).toSorted(byPlace)
}

interface Job<C extends Check = Check> {
  readonly constraint: Constraint
  readonly check: C
  readonly files: readonly string[]
}

interface Outcome {
  readonly constraint: Constraint
  readonly found: readonly CheckFinding[] | CoxError
}

function runnable(constraint: Constraint, options: EnforceOptions): Check[] {
  return checksOf(constraint).filter((check) => options.runRule !== undefined || !('rule' in check))
}

/** For each constraint, where another one that overrides it holds instead. */
function overridingScopes(constraints: readonly Constraint[]): ReadonlyMap<string, readonly ((path: string) => boolean)[]> {
  const pairs = constraints.flatMap((constraint) => constraint.overrides.map((id) => ({ id, test: scopeTest(constraint) })))
  const groups = Map.groupBy(pairs, (pair) => pair.id)
  return new Map([...groups].map(([id, members]) => [id, members.map((member) => member.test)]))
}

interface Reach {
  readonly today: string
  readonly overridden: ReturnType<typeof overridingScopes>
}

function reachTest(constraint: Constraint, { today, overridden }: Reach): (path: string) => boolean {
  const isIn = scopeTest(constraint)
  const exempt = constraint.exemptions.filter((exemption) => exemption.expires >= today).map((exemption) => exemption.path)
  const outs = [...(exempt.length === 0 ? [] : [globTest(exempt)]), ...(overridden.get(constraint.id) ?? [])]
  return (path) => isIn(path) && !outs.some((isOut) => isOut(path))
}

async function runPatterns(jobs: readonly Job[], { root, cache, signal }: EnforceOptions): Promise<Outcome[]> {
  const patterns = jobs.filter((job): job is Job<PatternCheck> => 'language' in job.check)
  const found = await matchPatterns(patterns, { root, cache: cache ?? null, ...(signal === undefined ? {} : { signal }) })
  return patterns.map(({ constraint }, index) => ({ constraint, found: found[index] ?? [] }))
}

const mostCommands = 2

async function runOthers(jobs: readonly Job[], { root, runRule, cache, signal }: EnforceOptions): Promise<Outcome[]> {
  const run = checkRunner(runRule)
  let listed: Promise<readonly string[]> | undefined
  const tree = (): Promise<readonly string[]> => (listed ??= listTree(root, signal))
  const others = jobs.filter(({ check }) => !('language' in check))
  return mapLimit(others, mostCommands, async ({ constraint, check, files }) => {
    try {
      const runNow = async (): Promise<readonly CheckFinding[]> =>
        run({ check, root, files, ...(signal === undefined ? {} : { signal }) })
      if (!('command' in check)) return { constraint, found: await runNow() }
      return { constraint, found: await runRemembered({ id: constraint.id, check, root, files, tree }, cache ?? null, runNow) }
    } catch (error) {
      signal?.throwIfAborted()
      if (!isCoxError(error)) throw error
      return { constraint, found: error }
    }
  })
}

function toBreaches({ constraint, found }: Outcome): Breach[] {
  const { id, why, fix, severity, title, file } = constraint
  const see = [file, ...constraint.see]
  if (found instanceof CoxError) {
    const broken = {
      severity: 'error',
      text: found.message,
      what: `Its check cannot run: ${found.message}`,
      isBroken: true,
    } as const
    return [{ id, file, line: 1, column: 1, why, fix: found.hint, see, ...broken }]
  }
  return found.map((one) => ({
    id,
    severity,
    file: one.file,
    line: one.line,
    column: one.column ?? 1,
    text: one.text,
    what: title,
    why,
    fix,
    see,
    isBroken: false,
  }))
}

function byPlace(a: Breach, b: Breach): number {
  return compareText(a.id, b.id) || compareText(a.file, b.file) || a.line - b.line || a.column - b.column
}
