import type { GateResult } from '@coxswain/model'
import { counted } from '@coxswain/kernel'
import type { EffectOutcome } from './run-progress.ts'

/** What a person must answer, with what they need to answer it. */
export function questionAfterFailures(result: GateResult, times: number, repairs: number): string {
  const count =
    times === 1 && repairs === 0
      ? 'failed'
      : times > 1
        ? `failed ${times} times in a row with the same output`
        : `still fails after ${counted(repairs, 'repair')}`
  const words = result.excerpt.trim() === '' ? `It printed nothing (${endOf(result)}).` : lastLines(result.excerpt, 6)
  return `The gate "${result.gate}" ${count}:\n${words}\nIs the task's premise right, and what should the agent do differently? Answer with \`cox say\`, or start over with \`cox rework\`.`
}

export function questionOfLanding(hasGates: boolean, isAgain: boolean): string {
  const proof = hasGates ? 'All gates passed' : 'No gates are configured, so nothing proves this change'
  return isAgain
    ? `${proof}; the work is no longer what was approved: waiting for a person to approve it as it is now.`
    : `${proof}; waiting for a person to approve the landing.`
}

/** Our own gate on submodules. */
export function failureOutOfReach(paths: readonly string[], tree: string): GateResult {
  const excerpt = `Submodules were changed: ${paths.join(', ')}. Each is a repository of its own, and nothing inside is part of this change. Take those changes back; if the task cannot be done without them, say so and stop.`
  return { gate: 'submodules', verdict: 'failed', exitCode: 1, wallMs: 0, excerpt, logFile: '', tree }
}

/** Why nothing was done, or nothing more, and whose move it is. */
export function reasonOfRedBase(result: GateResult, commit: string, hasWork: boolean): string {
  const words = result.excerpt.trim() === '' ? `It printed nothing (${endOf(result)}).` : lastLines(result.excerpt, 6)
  const what = `The gate "${result.gate}" is red on the branch itself (${commit.slice(0, 10)}), without this change:\n${words}\n`
  if (result.cause !== undefined)
    return `${what}${result.cause}\n${hasWork ? "The work waits on the run's branch." : 'No agent was started.'} Add what is missing, then \`cox resume\`.`
  return hasWork
    ? `${what}The work waits on the run's branch. Mend the branch, then \`cox resume\`; or answer with \`cox say\`.`
    : `${what}No agent was started. Mend it, then \`cox resume\`; if mending it is the task, say so with \`cox say\`, or start such a task with \`--red-base\`.`
}

function endOf({ verdict, exitCode }: GateResult): string {
  return exitCode === null ? verdict : `exit code ${exitCode}`
}

export function questionAfterNoChange(message: string, ignored: readonly string[] = []): string {
  const words = message.trim() === '' ? 'It said nothing.' : `Its last words: "${lastLines(message, 6)}"`
  const done =
    ignored.length === 0
      ? 'The agent ended its turn without changing a file.'
      : `The agent changed only what git ignores, which is no work: ${ignored.slice(0, 5).join(', ')}${ignored.length > 5 ? `, and ${ignored.length - 5} more` : ''}.`
  return `${done} ${words}\nWhat should it do? Answer with \`cox say\`.`
}

function lastLines(text: string, count: number): string {
  const lines = text.trim().split('\n')
  const told = lines.filter((line) => !isCount.test(line))
  return (told.length === 0 ? lines : told).slice(-count).join('\n').slice(-800)
}

/** A line of a test runner's summary: a word and a figure, which say nothing of the cause. */
const isCount = /^\s*(?:#|ℹ)\s+\w+\s+[\d.]+$/

/** Null where a change touches nothing that a person decides about. */
export function questionAfterProtected({
  protectedPaths,
  proofChanges = [],
  reaches = [],
}: {
  readonly protectedPaths: readonly string[]
  readonly proofChanges?: readonly string[]
  readonly reaches?: readonly string[]
}): string | null {
  const paths = protectedPaths.length === 0 ? [] : [`protected paths: ${protectedPaths.slice(0, 5).join(', ')}`]
  const more = proofChanges.length > 5 ? `; and ${proofChanges.length - 5} more` : ''
  const proof = proofChanges.length === 0 ? [] : [`what proves it: ${proofChanges.slice(0, 5).join('; ')}${more}`]
  const touched = [...paths, ...proof].join(', and ')
  const words = [...(touched === '' ? [] : [`The change touches ${touched}.`]), ...reachWords(reaches)]
  return words.length === 0 ? null : `${words.join(' ')} Approve it as it is, or say what to do instead.`
}

function reachWords(reaches: readonly string[]): string[] {
  const more = reaches.length > 5 ? `; and ${reaches.length - 5} more` : ''
  return reaches.length === 0 ? [] : [`It reaches beyond its own files: ${reaches.slice(0, 5).join('; ')}${more}.`]
}

export function questionAfterEscape(changes: readonly string[]): string {
  const more = changes.length > 8 ? `; and ${changes.length - 8} more` : ''
  return `While the agent worked, which nothing contained, the repository was changed outside of its worktree: ${changes.slice(0, 8).join('; ')}${more}. None of it counts as work. What was lost is kept below refs/coxswain/before/. Look at what is not put back; then go on with \`cox resume\`, or throw the work away with \`cox rework\`.`
}

export function whyPostponed({ paths, underWay }: Extract<EffectOutcome, { kind: 'main-dirty' }>): string {
  if (underWay !== undefined)
    return `In ${underWay.place} ${underWay.what} is under way: this landing would move the branch under it. End it, then approve again.`
  return `Uncommitted changes in the checked-out branch are in the way of this landing: ${paths.slice(0, 5).join(', ')}. Commit or stash them, then approve again.`
}
