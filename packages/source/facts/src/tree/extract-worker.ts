import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '@coxswain/host'
import type { Stamp } from '../cache/snapshot.ts'
import { largeFile } from './extract-apart.ts'
import { listFiles } from './list-files.ts'
import { readFileFacts, statOf } from './read-file-facts.ts'
import { shareFiles } from './share-files.ts'
import { takeChunk, type HelpMessage, type HelpRequest } from './start-help.ts'

// Started by `startHelp` alone, with data of that type.
const { root, paths: given, counter, scan } = workerData as HelpRequest
const { common } = shareFiles(given ?? (await listAndTell()))
const seen = new Set<string>()
for (let chunk = takeChunk(counter, common); chunk !== null; chunk = takeChunk(counter, common)) send(readChunk(chunk))
send({ isDone: true })

async function listAndTell(): Promise<readonly string[]> {
  const list = await listFiles(root)
  send({ list })
  return list.paths
}

function readChunk(chunk: readonly string[]): HelpMessage {
  const facts: [string, string][] = []
  const stamps: [string, Stamp][] = []
  const now = systemClock.now()
  for (const path of chunk) {
    const stats = statOf(`${root}/${path}`)
    // What may have to be ended is left to the thread that can end it.
    if (stats === null || !stats.isFile() || stats.size >= largeFile) continue
    const reading = readFileFacts(root, { path, stats, now, scan }, () => undefined)
    if (reading.stamp === null) continue
    stamps.push([path, reading.stamp])
    const [, , , , key] = reading.stamp
    if (!seen.has(key)) facts.push([key, JSON.stringify(reading.facts)])
    seen.add(key)
  }
  return { facts, stamps }
}

function send(message: HelpMessage): void {
  parentPort?.postMessage(message)
}
