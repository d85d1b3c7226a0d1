/** What a scripted model answers, in terms that every vendor's protocol can carry. The scenario's name is found in the prompt as `[scenario:NAME]`. */
export type ModelScript = Readonly<Record<string, readonly ModelStep[]>>

/** One answer. The number of the step follows from the conversation alone, so a retried request gets the same step again. */
export interface ModelStep {
  readonly text?: string
  readonly tools?: readonly ModelTool[]
  readonly usage?: Partial<ModelUsage>
  readonly rateLimit?: ModelRateLimit
  readonly failure?: ModelFailure
  /** The failure is shown to this many requests only; then the step's own answer follows. Default: to all. */
  readonly failTimes?: number
  /** The answer waits until the test calls `release` with this name. */
  readonly hold?: string
  /** The answer waits after its first piece of text. */
  readonly holdMiddle?: string
  readonly delayMs?: number
}

export type ModelTool =
  | { readonly kind: 'command'; readonly command: string; readonly escalate?: boolean }
  /** `old` and `new` are whole lines. */
  | { readonly kind: 'edit'; readonly path: string; readonly old: string; readonly new: string }
  | { readonly kind: 'write'; readonly path: string; readonly content: string }
  /** A tool of one vendor under its own name. */
  | { readonly kind: 'raw'; readonly name: string; readonly input: unknown }

export interface ModelUsage {
  readonly input: number
  readonly cachedInput: number
  readonly cacheWrite: number
  readonly output: number
  readonly reasoning: number
}

export interface ModelRateLimit {
  readonly usedPercent: number
  readonly windowMinutes: number
  /** Seconds since the Unix epoch. */
  readonly resetAt: number
}

/** The rows of the failure matrix that a model's service can show. */
export const modelFailures = [
  'unauthorized',
  'rate-limited',
  'usage-limit',
  'quota',
  'overloaded',
  'server-error',
  'bad-request',
  'model-not-found',
  'context-overflow',
  'output-limit',
  'refusal',
  'stream-cut',
  'stall',
  'disconnect',
  'garbage',
] as const

export type ModelFailure = (typeof modelFailures)[number]

export const defaultUsage: ModelUsage = { input: 100, cachedInput: 0, cacheWrite: 0, output: 10, reasoning: 0 }
