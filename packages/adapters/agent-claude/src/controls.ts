import type { MessageFeed } from '@coxswain/json-lines'
import { CoxError, type Clock, type Duration } from '@coxswain/kernel'

export interface Controls {
  /**
   * Sends a control request, or joins the one that an earlier life of ours sent under the same id.
   * @throws CoxError CONTROL_FAILED when it is refused, not answered in time, or the program ends
   */
  request(id: string, request: Readonly<Record<string, unknown>>, limit: Duration): Promise<void>
  settle(response: { readonly subtype: string; readonly request_id: string; readonly error?: string | null | undefined }): void
}

/** Requests to Claude beside the conversation: initialize, interrupt. */
export function createControls({ feed, clock }: { readonly feed: MessageFeed; readonly clock: Clock }): Controls {
  const answers = new Map<string, PromiseWithResolvers<void>>()
  const answerOf = (id: string): PromiseWithResolvers<void> => {
    const known = answers.get(id) ?? Promise.withResolvers<void>()
    known.promise.catch(() => {}) // nobody may have asked yet
    answers.set(id, known)
    return known
  }
  return {
    settle: ({ subtype, request_id, error }) => {
      if (subtype === 'success') answerOf(request_id).resolve()
      else answerOf(request_id).reject(failed(error ?? 'it was refused'))
    },
    request: async (id, request, limit) => {
      const stop = new AbortController()
      await feed.send(id, { type: 'control_request', request_id: id, request })
      const ended = feed.ended.then(() => Promise.reject(failed('the program ended')))
      const late = clock.sleep(limit, stop.signal).then(() => Promise.reject(failed(`no answer within ${limit / 1_000} seconds`)))
      try {
        await Promise.race([answerOf(id).promise, ended, late])
      } finally {
        stop.abort()
        late.catch(() => {})
        ended.catch(() => {})
      }
    },
  }
}

function failed(reason: string): CoxError {
  return new CoxError('CONTROL_FAILED', `A control request to claude failed: ${reason}`, {
    hint: 'Read what the program printed.',
  })
}
