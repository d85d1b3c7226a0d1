import { counted, CoxError, errorMessage, isCoxError, mapLimit } from '@coxswain/kernel'
import type { CheckFinding, CheckRequest, CheckRunner } from './check-runner.ts'
import { checksOf, type Check, type Constraint, type ExampleFile } from './constraint.ts'
import { layOutExample } from './example-folder.ts'
import { describeCheck } from './explain-constraint.ts'
import { runAstGrep } from './run-ast-grep.ts'
import { runCommandCheck } from './run-command-check.ts'

export interface SelfTest {
  readonly id: string
  readonly file: string
  readonly check: string
  readonly verdict: 'passed' | 'silent-on-bad' | 'fires-on-good' | 'broken' | 'without-example'
  readonly detail: string
}

export interface SelfTestOptions {
  /** Runs built-in rules; without it, a rule check is broken, never passed. */
  readonly runRule?: CheckRunner
  /** The repository, for commands that run its scripts. */
  readonly root?: string
  readonly signal?: AbortSignal
}

/** Proves each check on its constraint's own examples: it fires on the bad one and is silent on the good one. */
export async function testConstraints(constraints: readonly Constraint[], options: SelfTestOptions = {}): Promise<SelfTest[]> {
  const cases = constraints.flatMap((constraint) => checksOf(constraint).map((check) => ({ constraint, check })))
  return mapLimit(cases, 4, ({ constraint, check }) => testCheck(constraint, check, options))
}

/** The runner for each kind of check. */
export function checkRunner(runRule: CheckRunner | undefined): CheckRunner {
  return (request: CheckRequest) => {
    if ('language' in request.check) return runAstGrep(request)
    if ('command' in request.check) return runCommandCheck(request)
    if (runRule !== undefined) return runRule(request)
    throw new CoxError('CHECK_BROKEN', `No runner for the rule \`${request.check.rule}\``, {
      hint: 'Run through `cox constraint test`.',
    })
  }
}

/** A check without examples proves nothing and fails nothing: only an `error` has to prove itself, and is refused without them. */
export function isFailed({ verdict }: SelfTest): boolean {
  return verdict !== 'passed' && verdict !== 'without-example'
}

/** `count` is how many constraints were looked at: of those without a check there is nothing to test. */
export function renderSelfTests(results: readonly SelfTest[], count: number): string {
  if (results.length === 0) return nothingTested(count)
  const failed = results.filter(isFailed)
  const untested = results.filter((result) => result.verdict === 'without-example')
  const lines = failed.map(
    (result) => `${result.verdict} ${result.id} (${result.check})\n  ${result.detail}\n  → ${result.file}\n`,
  )
  const without =
    untested.length === 0 ? '' : `without examples, so not tested: ${[...new Set(untested.map(({ id }) => id))].join(', ')}\n`
  const tested = results.length - untested.length
  const checks = counted(tested, 'check')
  const outcome = failed.length > 0 ? `: ${failed.length} failed` : tested > 0 ? ': all passed' : ''
  return `${lines.join('')}${without}tested ${checks}${outcome}\n`
}

function nothingTested(count: number): string {
  if (count === 0) return 'nothing to test: there are no constraints yet. Write one: cox constraint new <id>\n'
  const which = count === 1 ? 'the constraint has' : `none of the ${count} constraints has`
  return `nothing to test: ${which} ${count === 1 ? 'no' : 'a'} check. Add a \`check\` rung with examples in \`## Bad\` and \`## Good\`\n`
}

async function testCheck(constraint: Constraint, check: Check, options: SelfTestOptions): Promise<SelfTest> {
  const row = { id: constraint.id, file: constraint.file, check: describeCheck(check) }
  if (constraint.bad.length === 0 || constraint.good.length === 0)
    return { ...row, verdict: 'without-example', detail: 'A check needs a fenced example in `## Bad` and in `## Good`.' }
  try {
    const run = checkRunner(options.runRule)
    const onBad = await runOn(run, { check, examples: constraint.bad }, options)
    if (onBad.length === 0) return { ...row, verdict: 'silent-on-bad', detail: 'The check finds nothing in the bad example.' }
    const [first] = await runOn(run, { check, examples: constraint.good }, options)
    if (first !== undefined)
      return { ...row, verdict: 'fires-on-good', detail: `In the good example, ${first.file}:${first.line}: ${first.text}` }
    return { ...row, verdict: 'passed', detail: '' }
  } catch (error) {
    options.signal?.throwIfAborted()
    if (!isCoxError(error)) throw error
    return { ...row, verdict: 'broken', detail: `${errorMessage(error)} ${error.hint}` }
  }
}

interface ExampleCheck {
  readonly check: Check
  readonly examples: readonly ExampleFile[]
}

async function runOn(
  run: CheckRunner,
  { check, examples }: ExampleCheck,
  options: SelfTestOptions,
): Promise<readonly CheckFinding[]> {
  await using folder = await layOutExample(examples)
  const { root: repository, signal } = options
  const request = { check, root: folder.root, files: folder.files }
  return await run({
    ...request,
    ...(repository === undefined ? {} : { repository }),
    ...(signal === undefined ? {} : { signal }),
  })
}
