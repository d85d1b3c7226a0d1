import { readSync, watch, type FSWatcher } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'

/** A line over the limit is not kept in memory: only its size is told. */
export type OutputLine = { readonly kind: 'line'; readonly text: string } | { readonly kind: 'oversize'; readonly bytes: number }

export const maxLineBytes = 8 * 1024 * 1024

export interface FollowOptions {
  readonly file: string
  /** True once nothing more will be written. */
  readonly hasEnded: () => boolean
  readonly signal: AbortSignal
}

/** Lines of a growing file from its first byte, until its writer has ended and all is read, or the signal aborts. A last line without a break is delivered too. */
export async function* followLines(options: FollowOptions): AsyncGenerator<OutputLine, void, void> {
  const wake = watchFolder(dirname(options.file), options.signal)
  const handle = await open(options.file, 'r')
  const splitter = createSplitter()
  const buffer = Buffer.allocUnsafe(64 * 1024)
  try {
    for (;;) {
      if (options.signal.aborted) return
      const ended = options.hasEnded() // asked before reading: what was written until then is read below
      yield* drain({ handle, buffer, splitter, signal: options.signal })
      if (ended) break
      await wake.next()
    }
    yield* splitter.rest()
  } finally {
    wake.close()
    await handle.close()
  }
}

interface Drain {
  readonly handle: FileHandle
  readonly buffer: Buffer
  readonly splitter: Splitter
  readonly signal: AbortSignal
}

/** Reads what is there; less than asked for is the end of it, and what comes later wakes us again. Most often it is little, and at hand. */
async function* drain({ handle, buffer, splitter, signal }: Drain): AsyncGenerator<OutputLine, void, void> {
  let bytesRead = readSync(handle.fd, buffer, 0, buffer.length, null)
  for (; ; bytesRead = (await handle.read(buffer, 0, buffer.length)).bytesRead) {
    if (signal.aborted) return
    yield* splitter.add(buffer.subarray(0, bytesRead))
    if (bytesRead < buffer.length) return
  }
}

interface Splitter {
  add(chunk: Buffer): OutputLine[]
  rest(): OutputLine[]
}

function createSplitter(): Splitter {
  let parts: Buffer[] = []
  let size = 0
  const take = (): OutputLine => {
    const line: OutputLine =
      size > maxLineBytes
        ? { kind: 'oversize', bytes: size }
        : { kind: 'line', text: withoutReturn(Buffer.concat(parts).toString('utf8')) }
    parts = []
    size = 0
    return line
  }
  const keep = (piece: Buffer): void => {
    size += piece.length
    if (size > maxLineBytes) parts = []
    else parts.push(Buffer.from(piece))
  }
  return {
    add: (chunk) => {
      const lines: OutputLine[] = []
      let from = 0
      for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, from)) {
        keep(chunk.subarray(from, at))
        lines.push(take())
        from = at + 1
      }
      if (from < chunk.length) keep(chunk.subarray(from))
      return lines
    },
    rest: () => (size === 0 ? [] : [take()]),
  }
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}

const fallbackPollMs = 500

/** Wakes on any change in a folder; a slow poll covers what sends no events, machines that have no watch left and processes that die in silence. */
function watchFolder(folder: string, signal: AbortSignal): { next(): Promise<void>; close(): void } {
  let isChanged = false
  let resolveWaiting: (() => void) | undefined
  const wake = (): void => {
    isChanged = true
    resolveWaiting?.()
  }
  const watcher = tryToWatch(folder, wake)
  signal.addEventListener('abort', wake, { once: true })
  return {
    next: async () => {
      if (!isChanged) {
        let timer: NodeJS.Timeout | undefined
        await new Promise<void>((resolve) => {
          resolveWaiting = resolve
          timer = setTimeout(resolve, fallbackPollMs)
        })
        clearTimeout(timer)
      }
      isChanged = false
    },
    close: () => {
      watcher?.close()
      signal.removeEventListener('abort', wake)
    },
  }
}

/** Null where the machine gives no more: a person has so many, and editors take them by the hundred. */
function tryToWatch(folder: string, wake: () => void): FSWatcher | null {
  try {
    return watch(folder, { persistent: true }, wake).on('error', () => {})
  } catch {
    return null
  }
}
