import { counted, formatDuration } from '@coxswain/kernel'
import { isAtRest, isEnded, knownEvent, type Run, type StoredEvent } from '@coxswain/model'
import type { RunListResponse, StatusResponse } from '@coxswain/protocol'
import { describeEvent } from './render-event.ts'
import { renderRunLine, suspendedWords, type RunLineOptions } from './render-run.ts'
import { plain } from './table.ts'

export interface StatusPage extends RunListResponse {
  readonly status: StatusResponse
  /** Null when only the command itself serves. */
  readonly daemon: { readonly pid: number } | null
  readonly log: string
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** The page of `cox status`: what goes on and what each run does, what waits for what, what needs a person. */
export function renderStatus(page: StatusPage): string {
  const { status, daemon, log } = page
  const stopped = status.active.filter((run) => status.suspended.includes(run.id))
  const queued = status.active.filter((run) => run.state === 'queued' && !stopped.includes(run))
  const going = status.active.filter((run) => run.state !== 'queued' && !stopped.includes(run))
  return [
    daemon === null
      ? `No daemon runs for ${status.repository}; start one with \`cox up -d\`.`
      : `Daemon ${daemon.pid} serves ${status.repository}, lands on ${status.branch}. Log: ${log}`,
    ...status.warnings.map((warning) => `Warning: ${warning}`),
    ...(stopped.length === 0
      ? []
      : [`${counted(stopped.length, 'run')} ${stopped.length === 1 ? 'waits' : 'wait'} for \`cox up\`: the daemon was stopped.`]),
    Object.keys(status.counts).length === 0
      ? 'No runs yet.'
      : `Runs: ${countsOf(status, stopped).join(', ')}. Today: ${status.today.tokens.toLocaleString('en-US')} tokens, $${status.today.usd.toFixed(2)}.`,
    ...section('Going on', going, (run) => [line(run, page, { now: page.now }), doing(run, page)]),
    ...section('Queued', queued, (run) => [line(run, page), waitingFor(run, status)]),
    ...section('Stopped', stopped, (run) => [line(run, page, { state: suspendedWords })]),
    ...section('Needs you', needsPerson(page.runs), (run) => [line(run, page), plain(run.reason ?? '').slice(0, 160)]),
  ].join('\n')
}

/** Runs at rest that go on only when a person acts. */
export function needsPerson(runs: readonly Run[]): Run[] {
  return runs.filter((run) => isAtRest(run.state) && !isEnded(run.state))
}

const mostShown = 20

function section(title: string, runs: readonly Run[], linesOf: (run: Run) => readonly string[]): string[] {
  if (runs.length === 0) return []
  const shown = runs.slice(0, mostShown).flatMap((run) => {
    const [first = '', ...rest] = linesOf(run)
    return [`  ${first}`, ...rest.filter((text) => text !== '').map((text) => `     ${text}`)]
  })
  const hidden = runs.length - mostShown
  return ['', title, ...shown, ...(hidden > 0 ? [`  … and ${hidden} more: cox task list`] : [])]
}

function line(run: Run, { titles }: StatusPage, more: RunLineOptions = {}): string {
  return renderRunLine(run, { title: titles[run.task] ?? null, ...more })
}

/** The last thing that a person can read about it, with its age; what it waits for comes first. */
function doing(run: Run, { status, now }: StatusPage): string {
  const waits = waitingFor(run, status)
  if (waits !== '') return waits
  const last = lastDeed(status.activity.filter((event) => event.run === run.id))
  return last === null ? '' : `${last.text} (${formatDuration(Math.max(0, now - last.at))} ago)`
}

function waitingFor(run: Run, { waits }: StatusResponse): string {
  const found = waits.find((wait) => wait.run === run.id)
  return found === undefined ? '' : `waits for ${plain(found.for)}`
}

export interface Deed {
  readonly text: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** Of events, newest first, the first that says something to a person. */
export function lastDeed(events: readonly StoredEvent[]): Deed | null {
  for (const event of events) {
    const known = knownEvent(event)
    const text = known === null ? null : describeEvent(known)
    if (text !== null) return { text: plain(text).slice(0, 160), at: event.at }
  }
  return null
}

/** A run of a stopped daemon is not counted by the state in which it was left. */
function countsOf({ counts }: StatusResponse, stopped: readonly Run[]): string[] {
  const left = Object.entries(counts).map(
    ([state, count]) => [state, count - stopped.filter((run) => run.state === state).length] as const,
  )
  const shown = left.filter(([, count]) => count > 0).map(([state, count]) => `${count} ${state}`)
  return stopped.length === 0 ? shown : [...shown, `${stopped.length} stopped with the daemon`]
}
