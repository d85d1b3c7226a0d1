import type { Run } from '@coxswain/model'
import type { CliContext } from '../cli-context.ts'
import { present } from '../common-flags.ts'
import { connect } from '../connect.ts'
import { followRun } from '../follow-run.ts'
import { renderEnd, runResult } from '../render/render-run.ts'
import { taskText, toParams, type TaskFlags } from './task-handlers.ts'

export async function runTask(
  this: CliContext,
  flags: TaskFlags & { readonly file?: string },
  ...words: readonly string[]
): Promise<void> {
  const startedAt = performance.now()
  await present(this, flags, async () => {
    const text = await taskText(this, flags.file, words)
    await using connection = await connect(flags.directory)
    const after = (await connection.client.status()).lastEvent
    const { runs } = await connection.client.addTask({ ...toParams(flags), text, start: true })
    const [first] = runs
    if (first === undefined) throw new Error('a new task has a run')
    const run = await followRun(this, connection.client, { run: first, after, isQuiet: flags.json ?? false })
    return { json: runResult(run, performance.now() - startedAt), text: renderEnd(run), exitCode: exitCodeOf(run) }
  })
}

/** 0 when the work landed or waits for approval only. */
export function exitCodeOf(run: Run): number {
  return run.outcome === 'landed' || run.outcome === 'awaiting-approval' ? 0 : 1
}
