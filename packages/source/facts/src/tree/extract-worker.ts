import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '@coxswain/host'
import type { Stamp } from '../cache/snapshot.ts'
import type { FileFacts } from '../file-facts.ts'
import { readFileFacts, statOf } from './read-file-facts.ts'
import { takeChunk, type HelpMessage, type HelpRequest } from './start-help.ts'

// Started by `startHelp` alone, with data of that type.
const { root, paths, counter } = workerData as HelpRequest
const facts = new Map<string, FileFacts>()
const stamps: [string, Stamp][] = []
for (let chunk = takeChunk(counter, paths); chunk !== null; chunk = takeChunk(counter, paths))
  for (const path of chunk) look(path)
parentPort?.postMessage({ facts: [...facts].map(([key, entry]) => [key, JSON.stringify(entry)]), stamps } satisfies HelpMessage)

function look(path: string): void {
  const stats = statOf(`${root}/${path}`)
  if (stats === null || !stats.isFile()) return
  const reading = readFileFacts(root, { path, stats, now: systemClock.now() }, (key) => facts.get(key))
  if (reading.stamp === null) return
  facts.set(reading.stamp[4], reading.facts)
  stamps.push([path, reading.stamp])
}
