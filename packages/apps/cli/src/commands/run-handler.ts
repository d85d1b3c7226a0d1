import type { Run } from '@coxswain/model'
import { noGatesWarning } from '@coxswain/protocol'
import type { CliContext } from '../cli-context.ts'
import { present } from '../common-flags.ts'
import { connect } from '../connect.ts'
import { followRun } from '../follow-run.ts'
import { holdSignals } from '../hold-signals.ts'
import { renderEnd, runResult } from '@coxswain/terminal'
import { givenTask, type TaskFlags } from '../given-task.ts'
import { warn } from './task-handlers.ts'

export async function runTask(
  this: CliContext,
  flags: TaskFlags & { readonly file?: string },
  ...words: readonly string[]
): Promise<void> {
  const startedAt = performance.now()
  await present(this, flags, async () => {
    const given = await givenTask(this, flags, words)
    using held = holdSignals()
    await using connection = await connect(flags.directory)
    const { lastEvent: after, warnings } = await connection.client.status()
    held.throwIfSent()
    const { runs, warnings: own } = await connection.client.addTask({ ...given.params, start: true })
    const told = flags.land ? warnings.map(beforeLanding) : warnings
    warn(this, [...given.warnings, ...told, ...own])
    const [first] = runs
    if (first === undefined) throw new Error('a new task has a run')
    const run = await followRun(this, connection.client, { run: first, after, held, isQuiet: flags.json ?? false })
    return { json: runResult(run, performance.now() - startedAt), text: renderEnd(run), exitCode: exitCodeOf(run) }
  })
}

/** Whoever asks for a landing at once hears first that nothing stands in its way. */
function beforeLanding(warning: string): string {
  return warning === noGatesWarning ? `This lands unproved: ${warning.replace('No', 'no')}` : warning
}

/** 0 when the work landed or waits for approval only. */
export function exitCodeOf(run: Run): number {
  return run.outcome === 'landed' || run.outcome === 'awaiting-approval' ? 0 : 1
}
