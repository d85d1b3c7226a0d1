import type { AgentEvent } from '@coxswain/agents'
import type { EffectContext } from './run-leg.ts'

export interface EventSink {
  readonly add: (event: AgentEvent) => void
  close(): Promise<void>
}

const flushMs = 250

/** Gathers a turn's events and writes them in batches: a chatty agent costs a few writes a second. Listeners never break the turn. */
export async function createEventSink({ services, record, budget, key }: EffectContext): Promise<EventSink> {
  // A joined turn tells its events again from its start.
  let known = await services.journal.countAgentEvents(record.run.id, key)
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
        budget.report({ usage: event.turn, costUsd: event.costUsd, contextTokens: event.contextTokens })
        const latest = waiting.findIndex((other) => other.type === 'usage')
        if (latest !== -1) waiting.splice(latest, 1)
      }
      // The whole message follows its deltas; what streams is shown live by the session's own log.
      if (event.type === 'message-delta') return
      if (event.type !== 'usage' && known > 0) {
        known -= 1
        return
      }
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
