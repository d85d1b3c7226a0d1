import { extname } from 'node:path'
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads'
import type { Scan } from '../extract/extract-facts.ts'
import type { FileFacts } from '../file-facts.ts'

/** What a thread for large files is started with. */
export interface ApartRequest {
  readonly port: MessagePort
  readonly flag: SharedArrayBuffer
}

export interface ApartWork {
  readonly path: string
  readonly content: Uint8Array
  readonly scan: Scan
}

interface Lane {
  readonly worker: Worker
  readonly port: MessagePort
  readonly flag: Int32Array
}

/** From here on a file is worth a thread that can be ended: looks are linear, and one of a small file is short. */
export const largeFile = 512 * 1024
export const longestReadMs = 20_000

let lane: Lane | null = null

/** Reads a large file on a thread of its own and waits for it; null when it was not done in time. */
export function extractApart(work: ApartWork, limitMs = longestReadMs): FileFacts | null {
  lane ??= startLane()
  const { worker, port, flag } = lane
  Atomics.store(flag, 0, 0)
  port.postMessage(work)
  if (Atomics.wait(flag, 0, 0, limitMs) === 'timed-out') {
    lane = null
    void worker.terminate()
    return null
  }
  const received: { readonly message: string } | undefined = receiveMessageOnPort(port)
  // cox-allow parse-at-boundary owner=facts until=2027-06-30 reason=written by our own thread a moment ago
  return received === undefined ? null : (JSON.parse(received.message) as FileFacts)
}

function startLane(): Lane {
  const { port1, port2 } = new MessageChannel()
  const buffer = new SharedArrayBuffer(4)
  const request: ApartRequest = { port: port2, flag: buffer }
  const url = new URL(`extract-apart-worker${extname(import.meta.url)}`, import.meta.url)
  const worker = new Worker(url, { workerData: request, transferList: [port2], resourceLimits: { stackSizeMb: 16 } })
  worker.unref()
  port1.unref()
  return { worker, port: port1, flag: new Int32Array(buffer) }
}
