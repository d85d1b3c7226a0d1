import { mapLimit } from '@coxswain/kernel'
import type { CheckRunner } from './check-runner.ts'
import { checksOf, type Check, type Constraint, type Severity } from './constraint.ts'
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
  readonly signal?: AbortSignal
}

export interface Breach {
  readonly id: string
  readonly severity: Severity
  readonly file: string
  readonly line: number
  readonly text: string
  readonly what: string
  readonly why: string
  readonly fix: string
  readonly see: readonly string[]
}

/** Runs every check of the constraints on the files in their scope, but for what is exempt today. @throws CoxError CHECK_BROKEN */
export async function enforceConstraints(options: EnforceOptions): Promise<Breach[]> {
  const overridden = overridingScopes(options.constraints)
  const jobs = options.constraints.flatMap((constraint) => {
    const files = options.files.filter(reachTest(constraint, { today: options.today, overridden }))
    return files.length === 0 ? [] : runnable(constraint, options).map((check) => ({ constraint, check, files }))
  })
  const breaches = await mapLimit(jobs, 4, (job) => runJob(job, options))
  return breaches.flat()
}

interface Job {
  readonly constraint: Constraint
  readonly check: Check
  readonly files: readonly string[]
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

async function runJob({ constraint, check, files }: Job, options: EnforceOptions): Promise<Breach[]> {
  const { root, signal } = options
  const findings = await checkRunner(options.runRule)({
    check,
    root,
    repository: root,
    files,
    ...(signal === undefined ? {} : { signal }),
  })
  return findings.map((finding) => ({
    id: constraint.id,
    severity: constraint.severity,
    file: finding.file,
    line: finding.line,
    text: finding.text,
    what: constraint.title,
    why: constraint.why,
    fix: constraint.fix,
    see: [constraint.file, ...constraint.see],
  }))
}
