import { workerData } from 'node:worker_threads'
import { errorMessage } from '@coxswain/kernel'
import { extractFacts } from '../extract/extract-facts.ts'
import { emptyFacts, type FileFacts } from '../file-facts.ts'
import type { ApartRequest, ApartWork } from './extract-apart.ts'

// Started by `extractApart` alone, with data of that type.
const { port, flag } = workerData as ApartRequest
const state = new Int32Array(flag)

port.on('message', (work: ApartWork) => {
  port.postMessage(JSON.stringify(read(work)))
  Atomics.store(state, 0, 1)
  Atomics.notify(state, 0)
})

function read({ path, content, scan }: ApartWork): FileFacts {
  try {
    // Lazy trees take some gigabytes of address space for each thread, and end the program where there are none left.
    return extractFacts(path, Buffer.from(content), { scan, mode: 'eager' })
  } catch (error) {
    return { ...emptyFacts(content.length), problem: { line: 1, message: `cannot be read: ${errorMessage(error)}` } }
  }
}
