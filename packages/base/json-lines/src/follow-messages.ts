import type { DetachedProcess } from '@coxswain/host'

export type JsonObject = Readonly<Record<string, unknown>>

/** What a program printed beside its protocol: tolerated, counted, shown once. */
export interface Noise {
  readonly garbageLines: number
  readonly oversizeLines: number
  readonly sample: string | null
}

export interface MessageFeed {
  /** Sends one message. One that an earlier life of ours sent under this id is not sent again. */
  send(id: string, message: JsonObject): Promise<void>
  hasSent(id: string): boolean
  /** Messages read so far, in whichever life they were printed. */
  messageCount(): number
  noise(): Noise
  /** Resolves when all that was printed before we attached has been read. */
  readonly caughtUp: Promise<void>
  /** Resolves when the program has exited and everything is read, or the signal aborted. */
  readonly ended: Promise<void>
}

export interface FollowMessagesOptions {
  readonly process: DetachedProcess
  /** `line` counts the program's output lines from 1 and is the same after a re-attach. Must not throw. */
  readonly onMessage: (message: JsonObject, line: number) => void
  readonly signal: AbortSignal
}

/** JSON objects, one a line, to and from a process that outlives us; read from the first byte, so that a restart sees everything again. */
export function followMessages(options: FollowMessagesOptions): MessageFeed {
  const { process } = options
  const state: FeedState = { messages: 0, garbageLines: 0, oversizeLines: 0, sample: null }
  const caughtUp = Promise.withResolvers<void>()
  const ended = readAll(options, state, caughtUp.resolve).finally(() => caughtUp.resolve())
  let sending = Promise.resolve()
  return {
    caughtUp: caughtUp.promise,
    ended,
    hasSent: (id) => process.hasSent(id),
    messageCount: () => state.messages,
    noise: () => ({ garbageLines: state.garbageLines, oversizeLines: state.oversizeLines, sample: state.sample }),
    send: (id, message) => {
      const sent = sending.then(() => process.sendLine(id, JSON.stringify(message)))
      sending = sent.catch(() => {}) // the sender learns of it; the next line goes its own way
      return sent
    },
  }
}

interface FeedState {
  messages: number
  garbageLines: number
  oversizeLines: number
  sample: string | null
}

async function readAll(
  { process, onMessage, signal }: FollowMessagesOptions,
  state: FeedState,
  onCaughtUp: () => void,
): Promise<void> {
  const printedBefore = process.stdoutBytes()
  if (printedBefore === 0) onCaughtUp()
  let line = 0
  let bytes = 0
  for await (const output of process.lines(signal)) {
    line += 1
    bytes += output.kind === 'line' ? Buffer.byteLength(output.text) + 1 : output.bytes + 1
    const message = output.kind === 'line' ? parseObject(output.text) : null
    if (message === null) countNoise(state, output.kind === 'line' ? output.text : null)
    else {
      state.messages += 1
      onMessage(message, line)
    }
    // A stripped carriage return makes garbage look shorter than it was.
    if (bytes + state.garbageLines >= printedBefore) onCaughtUp()
  }
}

function countNoise(state: FeedState, text: string | null): void {
  if (text === null) state.oversizeLines += 1
  else if (text.trim() !== '') {
    state.garbageLines += 1
    state.sample ??= text.slice(0, 200)
  }
}

function parseObject(text: string): JsonObject | null {
  if (!text.trimStart().startsWith('{')) return null
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : null
  } catch {
    return null
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
