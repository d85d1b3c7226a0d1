import type { RunId } from '@coxswain/model'
import type { InterveneParams } from '@coxswain/protocol'
import type { CliContext } from '../cli-context.ts'
import { present, toBudget, type BudgetFlags, type CommonFlags } from '../common-flags.ts'
import { connect, type Connection } from '../connect.ts'
import { followRun } from '../follow-run.ts'
import { renderEnd, runResult } from '../render/render-run.ts'
import { renderWeakenedBy, weakenedByRun } from '../render/weakened-by-run.ts'
import { exitCodeOf } from './run-handler.ts'
import { parseRunId } from './show-handler.ts'

interface InterventionFlags extends CommonFlags {
  readonly reason?: string
  readonly noWait?: boolean
}

type Handler = (this: CliContext, flags: InterventionFlags, id: string) => Promise<void>

function handler(kind: InterveneParams['kind']): Handler {
  return async function (this: CliContext, flags, id) {
    await intervene(this, flags, { id, kind, text: flags.reason ?? '' })
  }
}

export async function resume(this: CliContext, flags: InterventionFlags & BudgetFlags, id: string): Promise<void> {
  await intervene(this, flags, { id, kind: 'resume', text: flags.reason ?? '' })
}

export const handlers = {
  approve: handler('approve'),
  pause: handler('pause'),
  cancel: handler('cancel'),
  rework: handler('rework'),
} as const

export async function say(
  this: CliContext,
  flags: Omit<InterventionFlags, 'reason'>,
  id: string,
  ...words: readonly string[]
): Promise<void> {
  await intervene(this, flags, { id, kind: 'say', text: words.join(' ') })
}

/** Tells the daemon, then follows the run until it is at rest: an answer that ends before the consequence is known is of little use. */
async function intervene(
  context: CliContext,
  flags: InterventionFlags & BudgetFlags,
  { id, kind, text }: { readonly id: string; readonly kind: InterveneParams['kind']; readonly text: string },
): Promise<void> {
  const startedAt = performance.now()
  await present(context, flags, async () => {
    const runId = parseRunId(id)
    await using connection = await connect(flags.directory)
    const after = (await connection.client.status()).lastEvent
    if (kind === 'approve' && !flags.json) await tellWeakened(context, connection, runId)
    const { run, effect } = await connection.client.intervene(runId, { kind, text, budget: toBudget(flags) })
    if (effect === 'ended' || flags.noWait)
      return {
        json: runResult(run, performance.now() - startedAt),
        text: `${run.id} ${effect === 'ended' ? renderEnd(run).slice(run.id.length + 1) : `${kind}: ${effect}`}`,
      }
    const end = await followRun(context, connection.client, { run, after, isQuiet: flags.json ?? false })
    const isAsWanted = kind === 'pause' || kind === 'cancel'
    return {
      json: runResult(end, performance.now() - startedAt),
      text: renderEnd(end),
      exitCode: isAsWanted ? 0 : exitCodeOf(end),
    }
  })
}

/** Whoever approves reads what they give away, also where they did not look at the run before. */
async function tellWeakened(context: CliContext, { client, repository }: Connection, id: RunId): Promise<void> {
  const weakened = await weakenedByRun(repository.root, (await client.getRun(id)).run)
  if (weakened !== null) context.process.stderr.write(`${renderWeakenedBy(weakened)}\n`)
}
