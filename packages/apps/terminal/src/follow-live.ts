import type { WriteStream } from 'node:tty'
import { anySignal, milliseconds, seconds, sleep } from '@coxswain/kernel'
import { isAtRest, type Run, type RunId, type StoredEvent } from '@coxswain/model'
import type { Client } from '@coxswain/sdk'
import { renderEnd } from './render-run.ts'
import { openLiveScreen, type LiveScreen } from './live-screen.ts'
import { renderLive, type LiveModel } from './render-live.ts'
import { lastDeed, type Deed } from './render-status.ts'

export interface LiveOptions {
  readonly client: Client
  readonly output: Pick<WriteStream, 'write' | 'columns' | 'rows'>
  readonly hasColour: boolean
  readonly now: () => number
  readonly signal: AbortSignal
}

/** Shows live runs until the signal aborts; a run that comes to rest is told once, above the view. */
export async function followLive(options: LiveOptions): Promise<void> {
  const ended = new AbortController()
  const signal = anySignal(options.signal, ended.signal)
  const { lastEvent, activity } = await options.client.status()
  const view: View = { deeds: deedsOf(activity), isStale: true }
  const screen = openLiveScreen(options.output)
  try {
    // Either one that ends takes the other along.
    await Promise.all([
      listen(view, { ...options, signal }, lastEvent).finally(() => ended.abort()),
      show(view, { ...options, signal }, screen).finally(() => ended.abort()),
    ])
  } finally {
    screen.close()
  }
}

/** `activity`: newest first. */
function deedsOf(activity: readonly StoredEvent[]): Map<RunId, Deed> {
  const deeds = new Map<RunId, Deed>()
  for (const event of activity) {
    const deed = event.run === null || deeds.has(event.run) ? null : lastDeed([event])
    if (event.run !== null && deed !== null) deeds.set(event.run, deed)
  }
  return deeds
}

interface View {
  /** The last thing that each run did. */
  readonly deeds: Map<RunId, Deed>
  /** The daemon knows something newer than what is shown. */
  isStale: boolean
}

async function listen(view: View, { client, signal }: LiveOptions, after: number): Promise<void> {
  for await (const event of client.followEvents({ after, signal })) {
    const deed = lastDeed([event])
    if (event.run !== null && deed !== null) view.deeds.set(event.run, deed)
    view.isStale ||=
      typeof event.data['to'] === 'string' ||
      event.name === 'run-created' ||
      event.name === 'run-claimed' ||
      event.name === 'turn-ended'
  }
}

const glance = milliseconds(100)

async function show(view: View, options: LiveOptions, screen: LiveScreen): Promise<void> {
  const { client, output, signal, hasColour, now } = options
  let model: LiveModel | null = null
  while (!signal.aborted) {
    if (view.isStale || model === null) {
      view.isStale = false
      const next = await load(client, view)
      for (const run of newlyRested(model?.runs ?? null, next.runs)) screen.print(renderEnd(run))
      model = next
    }
    screen.draw(renderLive(model, { columns: output.columns, rows: output.rows, now: now(), hasColour }))
    for (let waited = 0; waited < seconds(1) && !view.isStale && !signal.aborted; waited += glance) await pause(signal)
  }
}

async function load(client: Client, { deeds }: View): Promise<LiveModel> {
  const { repository, branch, today, waits } = await client.status()
  const { runs, titles } = await client.listRuns()
  const waitsFor = new Map(waits.map((wait) => [wait.run, wait.for]))
  return { repository, branch, runs, titles, deeds, waitsFor, tokensToday: today.tokens }
}

/** Nothing at first: what rested before the view began is old. */
function newlyRested(before: readonly Run[] | null, after: readonly Run[]): Run[] {
  if (before === null) return []
  const old = new Set(before.filter((run) => isAtRest(run.state)).map((run) => run.id))
  return after.filter((run) => isAtRest(run.state) && !old.has(run.id))
}

function pause(signal: AbortSignal): Promise<void> {
  return sleep(glance, signal).catch(() => {}) // the signal ends the loop
}
