import type { ModelUsage } from './script.ts'

/** What the model says in one step, before a vendor's wire form. */
export interface Answer {
  readonly text: string
  readonly calls: readonly { readonly id: string; readonly name: string; readonly input: unknown }[]
  readonly usage: ModelUsage
  readonly end: 'done' | 'output-limit' | 'refusal'
  readonly model: string
  readonly streaming: boolean
}

/** One event of a stream; `name` becomes the `event:` line. */
export interface StreamEvent {
  readonly name?: string
  readonly data: unknown
}

export interface HttpFailure {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: unknown
}

/** How a failure looks on one vendor's wire: an HTTP answer, a stream that says it, or a changed answer. */
export type WireFailure =
  | { readonly http: HttpFailure }
  | { readonly stream: readonly StreamEvent[] }
  | { readonly end: 'output-limit' | 'refusal' }

/** Splits text so that a stream has a middle. */
export function pieces(text: string): readonly string[] {
  if (text.length < 2) return text === '' ? [] : [text]
  const half = Math.ceil(text.length / 2)
  return [text.slice(0, half), text.slice(half)]
}
