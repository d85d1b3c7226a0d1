import type { AgentEvent } from '@coxswain/agents'
import type { EffectContext } from './run-leg.ts'

export interface EventSink {
  readonly add: (event: AgentEvent) => void
  close(): Promise<void>
}

const flushMs = 250

/** Gathers a turn's events and writes them in batches: a chatty agent costs a few writes a second. Listeners never break the turn. */
export function createEventSink({ services, record, budget, key }: EffectContext): EventSink {
  let waiting: AgentEvent[] = []
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()
  const flush = (): void => {
    timer = undefined
    const batch = waiting
    waiting = []
    if (batch.length === 0) return
    writing = writing.then(() => services.journal.agentEvents(record.run.id, key, batch)).catch((error: unknown) => services.logger.warn('agent events were not stored', { run: record.run.id, error: String(error) }))
  }
  return {
    add: (event) => {
      if (event.type === 'usage') {
        budget.report({ usage: event.turn, costUsd: event.costUsd })
        const latest = waiting.findIndex((other) => other.type === 'usage')
        if (latest !== -1) waiting.splice(latest, 1)
      }
      // The whole message follows its deltas; what streams is shown live by the session's own log.
      if (event.type === 'message-delta') return
      waiting.push(event)
      timer ??= setTimeout(flush, flushMs)
    },
    close: async () => {
      clearTimeout(timer)
      flush()
      await writing
    },
  }
}
