import type { AgentEvent } from '@coxswain/agents'
import { CoxError, redact } from '@coxswain/kernel'
import { eventNames, type CommitId, type EventName, type Run, type RunEvent } from '@coxswain/model'
import type { RunJournal, RunProgress } from '@coxswain/runs'
import type { RunPatch, Store } from '@coxswain/store'
import { z } from 'zod'

/** Runs written down in the store. */
export function createRunJournal(
  store: Store,
  options: { readonly now: () => number; /** The gates were seen to pass on the branch. */ readonly onGreen: () => void },
): RunJournal {
  return {
    load: async (id) => {
      const found = await store.runs.withTask(id)
      if (found === null) throw runNotFound(id)
      return { ...found, progress: found.progress as RunProgress } // written by `record` alone
    },
    record: async ({ run, from, progress, event, key, consumed }) => {
      const moved = await store.runs.transition({
        run,
        from: [from],
        to: progress.state,
        patch: toPatch(progress),
        progress,
        event,
        consumes: consumed,
        key,
      })
      if (isGreen(event)) options.onGreen()
      if (moved.kind === 'moved') return moved.progress as RunProgress // written by this very function
      // A person cancelled or paused it before its first step: what is stored counts.
      return loadProgress(store, { id: run })
    },
    agentEvents: (run, program, events) => {
      return store.events.append(events.map(({ event, position }) => ({ ...told(event, { program, position }), run })))
    },
    lastPosition: async (run, program) => {
      const place = EventPlace.safeParse((await store.events.newest({ run, names: ofAgents }))?.data)
      return place.success && place.data.program === program ? place.data.position : -1
    },
    usage: (run, turnKey, { usage, costUsd, model }) =>
      store.turns.record({ run, key: turnKey, model, tokens: usage, costUsd, wallMs: 0 }),
    notice: (run, text) => store.events.append([{ name: 'run-waiting', run, data: { reason: redact(text) } }]),
    suspended: (run, effectKey) =>
      store.events.append([{ name: 'run-suspended', run, data: { effect: effectKey, pid: process.pid } }]),
    wasSuspended: async (run, effectKey) =>
      (await store.events.newest({ run, names: ['run-suspended'] }))?.data['effect'] === effectKey,
    delivered: async (run, intervention) => {
      await store.interventions.consume(intervention, { name: 'message-delivered', data: { run, intervention } })
    },
    spentToday: () => spentToday(store, options.now()),
  }
}

/** The base of a run was judged, or a change landed on its green merge. */
function isGreen({ name, data }: RunEvent): boolean {
  return name === 'change-landed' || (name === 'worktree-prepared' && data.red === null)
}

export function runNotFound(id: string): CoxError {
  return new CoxError('RUN_NOT_FOUND', `There is no run ${id}`, { hint: 'List runs with `cox status` or `cox task list`.' })
}

export async function loadProgress(store: Store, run: Pick<Run, 'id'>): Promise<RunProgress> {
  return (await store.runs.progress(run.id)) as RunProgress // written by toPatch's caller alone
}

/** What a run shows to the world of its machine's state. */
export function toPatch(progress: RunProgress): RunPatch {
  return {
    outcome: progress.outcome,
    reason: progress.reason,
    base: progress.base as CommitId | null,
    head: progress.head as CommitId | null,
    landed: progress.landed as CommitId | null,
    turns: progress.turns,
    gateFailures: progress.gateFailures,
    tokens: progress.usage,
    costUsd: progress.costUsd,
    mayLand: progress.mayLand,
    activeMs: progress.activeMs,
    ...(progress.model === null ? {} : { model: progress.model }),
  }
}

export async function spentToday(store: Store, now: number): Promise<{ tokens: number; usd: number }> {
  const midnight = new Date(now).setHours(0, 0, 0, 0)
  const sum = await store.turns.sumBetween(midnight, now + 1)
  const { input, cachedInput, cacheWrite, output } = sum.tokens
  return { tokens: input + cachedInput + cacheWrite + output, usd: sum.costUsd ?? 0 }
}

const EventPlace = z.object({ program: z.string(), position: z.number() })

const ofAgents = eventNames.filter((name) => name.startsWith('agent-'))

function told(event: AgentEvent, place: z.output<typeof EventPlace>): RunEvent {
  const name: EventName = `agent-${event.type}`
  const data = Object.entries(event).map(([key, value]) => [
    key,
    typeof value === 'string' ? shortened(key, redact(value)) : value,
  ])
  // The same fields as the event's, by its type: only texts were shortened.
  return { name, data: { ...Object.fromEntries(data), ...place } }
}

/** An adapter has kept the end of an output already. */
function shortened(key: string, text: string): string {
  return key === 'output' ? text : text.slice(0, 20_000)
}
