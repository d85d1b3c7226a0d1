import { CoxError, isCoxError, mapLimit } from '@coxswain/kernel'
import { runOutcomes, type Run, type RunId, type RunOutcome } from '@coxswain/model'
import type { InterveneParams } from '@coxswain/protocol'
import type { Client } from '@coxswain/sdk'
import type { CliContext } from '../cli-context.ts'
import { present, toBudget, type BudgetFlags, type CommonFlags, type Output } from '../common-flags.ts'
import { connect, type Connection } from '../connect.ts'
import { followRun, followRuns } from '../follow-run.ts'
import { holdSignals } from '../hold-signals.ts'
import { renderEnd, runResult } from '@coxswain/terminal'
import { renderWeakenedBy, weakenedByRun } from '../weakened-by-run.ts'
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

type ResumeFlags = InterventionFlags & BudgetFlags & { readonly outcome?: string }

/** Each run is followed to its next rest. */
export async function resume(this: CliContext, flags: ResumeFlags, ...ids: readonly string[]): Promise<void> {
  const [first] = ids
  if (first !== undefined && ids.length === 1 && flags.outcome === undefined)
    return intervene(this, flags, { id: first, kind: 'resume', text: flags.reason ?? '' })
  const startedAt = performance.now()
  await present(this, flags, async () => {
    const named = ids.map(parseRunId)
    const outcome = flags.outcome === undefined ? undefined : toOutcome(flags.outcome)
    if (named.length === 0 && outcome === undefined)
      throw new CoxError('USAGE', 'Neither a run nor an outcome is named', {
        hint: 'Name runs, or all that rest for one reason: cox resume --outcome base-red.',
      })
    using held = holdSignals()
    await using connection = await connect(flags.directory)
    const { client, address } = connection
    const after = (await client.status()).lastEvent
    const resting = (await client.listRuns()).runs.filter((run) => run.outcome !== null && run.outcome === outcome)
    const all = [...new Set([...named, ...resting.map((run) => run.id)])]
    const params = { kind: 'resume', text: flags.reason ?? '', budget: toBudget(flags) } as const
    held.throwIfSent()
    const resumed = await mapLimit(all, 1, async (id) => resumeOne(client, id, params))
    if (flags.noWait || resumed.every(({ error }) => error !== null)) return sentOn(resumed, outcome)
    const runs = resumed.filter(({ error }) => error === null).map(({ run }) => run)
    const isQuiet = flags.json ?? false
    const ends = await followRuns(this, client, { runs, after, held, isQuiet, isStanding: !address.isEphemeral })
    return ended(resumed, ends, performance.now() - startedAt)
  })
}

interface Resumed {
  readonly run: RunId
  readonly error: CoxError | null
}

function toOutcome(text: string): RunOutcome {
  const found = runOutcomes.find((known) => known === text)
  if (found !== undefined) return found
  throw new CoxError('USAGE', `"${text}" is no outcome of a run`, { hint: `One of ${runOutcomes.join(', ')}.` })
}

function sentOn(resumed: readonly Resumed[], outcome: RunOutcome | undefined): Output {
  return {
    json: { runs: resumed.map(({ run, error }) => ({ run, error: error?.toJSON() ?? null })) },
    text:
      resumed.length === 0
        ? `No run rests as ${outcome}.`
        : resumed.map(({ run, error }) => error?.message ?? `${run} goes on`).join('\n'),
    exitCode: resumed.every(({ error }) => error === null) ? 0 : 1,
  }
}

function ended(resumed: readonly Resumed[], ends: readonly Run[], wallMs: number): Output {
  const all = resumed.map(({ run, error }) => ({ run, error, end: ends.find(({ id }) => id === run) }))
  return {
    json: {
      runs: all.map(({ run, error, end }) => ({
        run,
        error: error?.toJSON() ?? null,
        result: end === undefined ? null : runResult(end, wallMs),
      })),
    },
    text: all.map(({ run, error, end }) => error?.message ?? (end === undefined ? run : renderEnd(end))).join('\n'),
    exitCode: all.every(({ end }) => end !== undefined && exitCodeOf(end) === 0) ? 0 : 1,
  }
}

/** One that is refused keeps none of the others back. */
async function resumeOne(client: Client, run: RunId, params: InterveneParams): Promise<Resumed> {
  try {
    await client.intervene(run, params)
    return { run, error: null }
  } catch (error) {
    // Another one's resume may have sent it on in this very moment.
    if (isCoxError(error, 'INTERVENTION_REFUSED') && error.data['state'] === 'queued') return { run, error: null }
    if (!isCoxError(error, 'INTERVENTION_REFUSED') && !isCoxError(error, 'RUN_NOT_FOUND')) throw error
    return { run, error }
  }
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
    using held = holdSignals()
    await using connection = await connect(flags.directory, { isOfRun: kind === 'say' })
    if (connection.isInsideRun) return question(connection.client, runId, text)
    const after = (await connection.client.status()).lastEvent
    if (kind === 'approve' && !flags.json) await tellWeakened(context, connection, runId)
    held.throwIfSent()
    const { run, effect } = await connection.client.intervene(runId, { kind, text, budget: toBudget(flags) })
    if (effect === 'kept')
      return {
        json: runResult(run, performance.now() - startedAt),
        text: `${run.id} is ${run.state}: the words are kept, and its agent hears them after \`cox resume ${run.id}\``,
      }
    if (effect === 'ended' || flags.noWait)
      return {
        json: runResult(run, performance.now() - startedAt),
        text: `${run.id} ${effect === 'ended' ? renderEnd(run).slice(run.id.length + 1) : `${kind}: ${effect}`}`,
      }
    const end = await followRun(context, connection.client, { run, after, held, isQuiet: flags.json ?? false })
    const isAsWanted = wanted[kind] === end.state
    return {
      json: runResult(end, performance.now() - startedAt),
      text: renderEnd(end),
      exitCode: isAsWanted ? 0 : exitCodeOf(end),
    }
  })
}

/** Said inside a run it is meant for its person. */
async function question(client: Client, run: RunId, text: string): Promise<Output> {
  const { left } = await client.ask(run, { text })
  return { json: { run, left }, text: `asked; ${left} more questions may be asked` }
}

/** A run that landed before it could be paused is told as what it is. */
const wanted: Partial<Record<InterveneParams['kind'], Run['state']>> = { pause: 'paused', cancel: 'cancelled' }

/** Whoever approves reads what they give away, also where they did not look at the run before. */
async function tellWeakened(context: CliContext, { client, repository }: Connection, id: RunId): Promise<void> {
  const weakened = await weakenedByRun(repository.root, (await client.getRun(id)).run)
  if (weakened !== null) context.process.stderr.write(`${renderWeakenedBy(weakened)}\n`)
}
