import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { CoxError, nextTurn } from '@coxswain/kernel'
import type { Scan } from '../extract/extract-facts.ts'
import type { Stamp } from '../cache/snapshot.ts'
import type { FileList } from './list-files.ts'

/** What a helper thread is started with. */
export interface HelpRequest {
  readonly root: string
  /** Null: it lists the files itself, and tells them. */
  readonly paths: readonly string[] | null
  readonly counter: SharedArrayBuffer
  readonly scan: Scan
}

/** What it sends back, a chunk at a time: facts as text, because strings cross threads faster than a hundred thousand objects. */
export interface HelpMessage {
  readonly list?: FileList
  readonly facts?: readonly (readonly [key: string, text: string])[]
  readonly stamps?: readonly (readonly [string, Stamp])[]
  readonly isDone?: boolean
}

/** Reads chunks of the same list as this thread. */
export interface Help {
  /** The files, when it was started without them. */
  listed(): Promise<FileList>
  /** What it has read and nobody has taken in yet. */
  arrived(): Promise<readonly HelpMessage[]>
  /** The rest of it, when all chunks are taken. */
  rest(): Promise<readonly HelpMessage[]>
  /** The next chunk for this thread; null when all are taken. */
  take(paths: readonly string[]): readonly string[] | null
}

/** Starts a second thread. The process does not wait for it until somebody asks it something. */
export function startHelp(root: string, paths: readonly string[] | null, scan: Scan = 'full'): Help {
  const counter = new SharedArrayBuffer(4)
  const request: HelpRequest = { root, paths, counter, scan }
  const worker = new Worker(new URL(`extract-worker${extname(import.meta.url)}`, import.meta.url), {
    workerData: request,
    resourceLimits: { stackSizeMb: 16 },
  })
  const list = Promise.withResolvers<FileList>()
  const done = Promise.withResolvers<void>()
  const messages: HelpMessage[] = []
  worker.on('message', (message: HelpMessage) => {
    if (message.list !== undefined) list.resolve(message.list)
    else if (message.isDone === true) done.resolve()
    else messages.push(message)
  })
  const fail = (error: Error): void => {
    list.reject(error)
    done.reject(error)
  }
  worker.once('error', fail)
  worker.once('exit', (code) => fail(endedEarly(code)))
  worker.unref()
  // Its failure is reported where an answer is awaited.
  for (const { promise } of [list, done]) promise.catch(() => {})
  const awaited = <T>(promise: Promise<T>): Promise<T> => (worker.ref(), promise)
  return {
    listed: () => awaited(list.promise),
    arrived: async () => {
      await nextTurn()
      return messages.splice(0)
    },
    rest: async () => {
      await awaited(done.promise)
      return messages.splice(0)
    },
    take: (from) => takeChunk(counter, from),
  }
}

function endedEarly(code: number): CoxError {
  return new CoxError('CHECK_HELPER_ENDED', `A reading thread ended with code ${code}`, {
    hint: 'Run the check again; if it happens twice, there is too little memory.',
  })
}

const chunkSize = 48

export function takeChunk(counter: SharedArrayBuffer, paths: readonly string[]): readonly string[] | null {
  const start = Atomics.add(new Int32Array(counter), 0, 1) * chunkSize
  return start >= paths.length ? null : paths.slice(start, start + chunkSize)
}
