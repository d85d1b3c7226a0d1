import type { AgentEvent } from '@coxswain/agents'
import type { EffectContext } from './effect-context.ts'
import type { PlacedEvent } from './services.ts'
import { programOf } from './sessions.ts'

export interface EventSink {
  readonly add: (event: AgentEvent, position: number) => void
  close(): Promise<void>
}

const flushMs = 250

/** Gathers a turn's events and writes them in batches: a chatty agent costs a few writes a second. Listeners never break the turn. */
export async function createEventSink({ services, record, budget }: EffectContext): Promise<EventSink> {
  const { run, progress } = record
  const program = programOf(progress)
  // A program that is joined tells everything again from its first event.
  const stored = await services.journal.lastPosition(run.id, program)
  let waiting: PlacedEvent[] = []
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()
  const flush = (): void => {
    timer = undefined
    const batch = waiting
    waiting = []
    if (batch.length === 0) return
    writing = writing
      .then(() => services.journal.agentEvents(run.id, program, batch))
      .catch((error: unknown) => services.logger.warn('agent events were not stored', { run: run.id, error: String(error) }))
  }
  return {
    add: (event, position) => {
      if (event.type === 'usage') {
        budget.report({ usage: event.turn, costUsd: event.costUsd, contextTokens: event.contextTokens })
        const latest = waiting.findIndex((other) => other.event.type === 'usage')
        if (latest !== -1) waiting.splice(latest, 1)
      }
      // The whole message follows its deltas.
      if (event.type === 'message-delta' || position <= stored) return
      waiting.push({ event, position })
      timer ??= setTimeout(flush, flushMs)
    },
    close: async () => {
      clearTimeout(timer)
      flush()
      await writing
    },
  }
}
