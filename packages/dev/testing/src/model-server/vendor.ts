import type { Answer, StreamEvent, WireFailure } from './answer.ts'
import type { ConversationEntry } from './conversation.ts'
import type { ModelFailure, ModelRateLimit, ModelTool } from './script.ts'

/** One vendor's protocol as the model server speaks it. */
export interface Vendor {
  readonly name: 'openai-responses' | 'anthropic' | 'openai-chat' | 'gemini'
  matches(path: string): boolean
  readRequest(body: unknown, path: string): VendorRequest
  /** The vendor's own tool calls for a neutral one; several when the agent insists on a preparation (read before edit). */
  toolCalls(tool: ModelTool, request: VendorRequest): readonly { readonly name: string; readonly input: unknown }[]
  stream(answer: Answer): readonly StreamEvent[]
  /** The answer to a request that asked for no stream. */
  document(answer: Answer): unknown
  failure(failure: ModelFailure): WireFailure | null
  rateLimitHeaders(limit: ModelRateLimit): Readonly<Record<string, string>>
  /** The line that ends a stream, where the vendor has one. */
  readonly endOfStream: string | null
}

export interface VendorRequest {
  readonly model: string
  readonly streaming: boolean
  readonly entries: readonly ConversationEntry[]
  readonly toolNames: readonly string[]
  readonly instructions: string
  /** Where the agent says it works; some vendors' tools take absolute paths only. */
  readonly workingDirectory: string | null
}
