import { availableParallelism, loadavg } from 'node:os'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { CoxError } from '@coxswain/kernel'
import type { Stamp } from '../cache/snapshot.ts'

/** What a helper thread is started with. */
export interface HelpRequest {
  readonly root: string
  readonly paths: readonly string[]
  readonly counter: SharedArrayBuffer
}

/** What it sends back: facts as text, because strings cross threads faster than a hundred thousand objects. */
export interface HelpMessage {
  readonly facts: readonly (readonly [key: string, text: string])[]
  readonly stamps: readonly (readonly [string, Stamp])[]
}

export interface Help {
  /** The next chunk for this thread; null when all are taken. */
  take(): readonly string[] | null
  result(): Promise<HelpMessage>
}

/** Starts a second thread that takes chunks of the same paths; null where no processor is free for it. */
export function startHelp(root: string, paths: readonly string[]): Help | null {
  // On a busy machine a helper only takes time from others: it loads and warms up all of this a second time.
  if (availableParallelism() < 2 || (loadavg()[0] ?? 0) > availableParallelism()) return null
  const counter = new SharedArrayBuffer(4)
  const request: HelpRequest = { root, paths, counter }
  const worker = new Worker(new URL(`extract-worker${extname(import.meta.url)}`, import.meta.url), { workerData: request })
  const message = new Promise<HelpMessage>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) =>
      reject(
        new CoxError('CHECK_HELPER_ENDED', `A reading thread ended with code ${code}`, {
          hint: 'Run the check again; if it happens twice, there is too little memory.',
        }),
      ),
    )
  })
  // Its failure is reported where the result is awaited.
  message.catch(() => {})
  return {
    take: () => takeChunk(counter, paths),
    result: () => message,
  }
}

const chunkSize = 48

export function takeChunk(counter: SharedArrayBuffer, paths: readonly string[]): readonly string[] | null {
  const start = Atomics.add(new Int32Array(counter), 0, 1) * chunkSize
  return start >= paths.length ? null : paths.slice(start, start + chunkSize)
}
