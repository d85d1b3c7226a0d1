/** A request's history in vendor-neutral form: enough to know which step of which scenario comes next. */
export type ConversationEntry =
  | { readonly kind: 'user'; readonly text: string }
  | { readonly kind: 'answer'; readonly text: string }
  | { readonly kind: 'call' }
  | { readonly kind: 'result'; readonly callId: string | null; readonly text: string }

export interface ScriptPosition {
  readonly scenario: string
  readonly step: number
}

/**
 * Where the script stands: after the last tag, each tool result moves past the step that called the tool, and each user message that
 * follows a finished answer moves on by one. A steering message in the middle of tool calls moves nothing.
 */
export function findPosition(entries: readonly ConversationEntry[]): ScriptPosition | null {
  const start = entries.findLastIndex((entry) => entry.kind === 'user' && tagOf(entry.text) !== null)
  const tagged = entries[start]
  if (tagged?.kind !== 'user') return null
  let step = 0
  let previous: ConversationEntry = tagged
  for (const entry of entries.slice(start + 1)) {
    if (entry.kind === 'result') step = stepOfCall(entry.callId) ?? (previous.kind === 'result' ? step : step + 1)
    if (entry.kind === 'user' && previous.kind === 'answer') step += 1
    previous = entry
  }
  return { scenario: tagOf(tagged.text) ?? '', step }
}

/** Unique per call, because agents alter a history in which an id repeats; names the step after its own. */
export function createCallId(step: number): string {
  return `cox_${step + 1}_${crypto.randomUUID().slice(0, 8)}`
}

function stepOfCall(callId: string | null): number | null {
  const match = /cox_(\d+)_/.exec(callId ?? '')
  return match === null ? null : Number(match[1])
}

function tagOf(text: string): string | null {
  return [...text.matchAll(/\[scenario:([\w.-]+)\]/g)].at(-1)?.[1] ?? null
}
