import { styleText } from 'node:util'
import { isAtRest, isEnded, type Run, type RunId } from '@coxswain/model'
import { agentLabel, shorten, totalTokens } from './render-run.ts'
import type { Deed } from './render-status.ts'
import { plain } from './table.ts'

export interface LiveModel {
  readonly repository: string
  readonly branch: string
  readonly runs: readonly Run[]
  /** Of the runs' tasks, by the task's id. */
  readonly titles: Readonly<Record<string, string>>
  /** The last thing that each run did. */
  readonly deeds: ReadonlyMap<RunId, Deed>
  readonly waitsFor: ReadonlyMap<RunId, string>
  readonly tokensToday: number
}

export interface LivePlace {
  readonly columns: number
  readonly rows: number
  readonly now: number
  readonly hasColour: boolean
}

/** The view as lines that fit the terminal: what goes on, then what needs a person; queued runs are a number. */
export function renderLive(model: LiveModel, place: LivePlace): string[] {
  const going = model.runs.filter((run) => !isAtRest(run.state) && run.state !== 'queued')
  const needing = model.runs.filter((run) => isAtRest(run.state) && !isEnded(run.state))
  const room = Math.max(1, place.rows - 4)
  const shown = [...going, ...needing].slice(0, room)
  const hidden = going.length + needing.length - shown.length
  const rows = shown.map((run) => cellsOf(run, model, place))
  return [
    fit(summary(model, { going: going.length, needing: needing.length }), place.columns),
    ...(rows.length === 0 ? [] : layOut(rows, shown, place)),
    ...(hidden > 0 ? [`… and ${hidden} more: cox task list`] : []),
  ]
}

function summary(model: LiveModel, count: { readonly going: number; readonly needing: number }): string {
  const queued = model.runs.filter((run) => run.state === 'queued').length
  const landed = model.runs.filter((run) => run.state === 'landed').length
  const parts = [`${count.going} going on`, `${queued} queued`, `${landed} landed`]
  if (count.needing > 0) parts.push(`${count.needing} need${count.needing === 1 ? 's' : ''} you`)
  if (model.tokensToday > 0) parts.push(`${model.tokensToday.toLocaleString('en-US')} tokens today`)
  return `${plain(model.repository)} (${plain(model.branch)}): ${parts.join(', ')}. Ctrl-C stops`
}

type Cells = readonly [run: string, state: string, title: string, agent: string, tokens: string, elapsed: string, deed: string]

const head: Cells = ['run', 'state', 'task', 'agent', 'tokens', 'time', 'last event']
const rightAligned = new Set([4, 5])

function cellsOf(run: Run, model: LiveModel, { now, columns }: LivePlace): Cells {
  const live = isAtRest(run.state) ? 0 : Math.max(0, now - run.updatedAt)
  const tokens = totalTokens(run)
  const line = isAtRest(run.state) ? (run.reason ?? '') : doing(run, model, now)
  return [
    run.id,
    run.outcome ?? run.state,
    shorten(plain(model.titles[run.task] ?? ''), Math.max(8, Math.floor(columns / 4))),
    agentLabel(run.agent).slice(0, 16),
    tokens === 0 ? '' : tokens.toLocaleString('en-US'),
    clock(run.activeMs + live),
    plain(line),
  ]
}

/** `0:12 ago: changed src/pager.ts`, or what it waits for. */
function doing(run: Run, { deeds, waitsFor }: LiveModel, now: number): string {
  const waits = waitsFor.get(run.id)
  if (waits !== undefined) return `waits for ${waits}`
  const deed = deeds.get(run.id)
  return deed === undefined ? '' : `${clock(Math.max(0, now - deed.at))} ago: ${deed.text}`
}

function layOut(rows: readonly Cells[], runs: readonly Run[], { columns, hasColour }: LivePlace): string[] {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const lines = [head, ...rows].map((cells) =>
    fit(
      cells
        .map((cell, column) => {
          if (column === cells.length - 1) return cell
          return rightAligned.has(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)
        })
        .join('  ')
        .trimEnd(),
      columns,
    ),
  )
  if (!hasColour) return lines
  return lines.map((line, index) => {
    const run = runs[index - 1]
    const colour = run === undefined ? 'dim' : colourOf(run)
    return colour === null ? line : styleText(colour, line, unasked)
  })
}

/** Whether to colour was decided by the one who asked. */
const unasked = { validateStream: false }

function colourOf(run: Run): 'yellow' | 'cyan' | null {
  if (isAtRest(run.state)) return 'yellow'
  return run.state === 'landing' || run.state === 'checking' ? 'cyan' : null
}

function fit(line: string, columns: number): string {
  return line.length > columns ? `${line.slice(0, Math.max(0, columns - 1))}…` : line
}

/** `0:07`, `12:40`, `1:02:03`. */
function clock(ms: number): string {
  const total = Math.floor(ms / 1_000)
  const [hours, minutes, rest] = [Math.floor(total / 3_600), Math.floor(total / 60) % 60, String(total % 60).padStart(2, '0')]
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`
}
