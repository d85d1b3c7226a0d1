import { dirname } from 'node:path'
import { compareText, listTree } from '@coxswain/constraints'
import { context } from './context.ts'
import { loadTokenCounter } from './load-token-counter.ts'
import type { AgentName } from './loading-rules.ts'

export interface BillOptions {
  readonly root: string
  readonly agents: readonly AgentName[]
  /** Recorded runs a day by agent; null when none are recorded yet. */
  readonly runsPerDay: RunRate | null
  readonly signal?: AbortSignal
}

export type RunRate = Readonly<Partial<Record<AgentName, number>>>

export interface BillRow {
  readonly agent: AgentName
  /** A package's folder, or the root. */
  readonly folder: string
  readonly tokens: number
  /** Tokens of the lines that tell of skills; part of the whole. */
  readonly skills: number
  /** Tokens of hand-written and framing text. */
  readonly unattributed: number
  /** Tokens per constraint's lines, dearest first. */
  readonly constraints: readonly { readonly id: string; readonly tokens: number }[]
}

/** One agent at its recorded rate. */
export interface BillDay {
  readonly agent: AgentName
  readonly runs: number
  /** Were all runs in the cheapest folder, and were they all in the dearest. */
  readonly tokens: readonly [least: number, most: number]
  /** The dearest that each constraint can be, dearest first. */
  readonly constraints: readonly { readonly id: string; readonly tokens: number }[]
}

export interface Bill {
  readonly rows: readonly BillRow[]
  /** Agents that ran; null without recorded runs. */
  readonly days: readonly BillDay[] | null
}

/** What instructions cost at every start: per agent, per folder that has instructions of its own, per constraint. */
export async function bill(options: BillOptions): Promise<Bill> {
  const countTokens = await loadTokenCounter()
  const files = await listTree(options.root, options.signal)
  const folders = new Set([
    '',
    ...files
      .filter((file) => /(?:^|\/)(?:AGENTS|CLAUDE|GEMINI)\.md$/.test(file))
      .map((file) => dirname(file))
      .map((path) => (path === '.' ? '' : path)),
  ])
  const rows: BillRow[] = []
  for (const agent of options.agents) {
    for (const folder of [...folders].toSorted(compareText)) {
      options.signal?.throwIfAborted()
      const received = await context({ root: options.root, folder, agent })
      const lines = received.start.flatMap((piece) => constraintLines(piece.text))
      const perId = [...Map.groupBy(lines, (line) => line.id)].map(([id, group]) => ({
        id,
        tokens: group.reduce((sum, line) => sum + countTokens(line.text), 0),
      }))
      const attributed = perId.reduce((sum, one) => sum + one.tokens, 0)
      const constraints = perId.toSorted(dearestFirst)
      const skills = received.skills.reduce((sum, skill) => sum + skill.tokens, 0)
      const unattributed = received.tokens - attributed
      rows.push({ agent, folder, tokens: received.tokens + skills, skills, unattributed, constraints })
    }
  }
  return { rows, days: options.runsPerDay === null ? null : daysOf(rows, options.runsPerDay) }
}

function daysOf(rows: readonly BillRow[], rate: RunRate): BillDay[] {
  return [...Map.groupBy(rows, (row) => row.agent)].flatMap(([agent, own]): BillDay[] => {
    const runs = rate[agent] ?? 0
    if (runs === 0) return []
    const starts = own.map((row) => row.tokens)
    const ids = Map.groupBy(
      own.flatMap((row) => row.constraints),
      (one) => one.id,
    )
    const constraints = [...ids].map(([id, group]) => ({
      id,
      tokens: Math.round(runs * Math.max(...group.map((one) => one.tokens))),
    }))
    return [
      {
        agent,
        runs,
        tokens: [Math.round(runs * Math.min(...starts)), Math.round(runs * Math.max(...starts))],
        constraints: constraints.toSorted(dearestFirst),
      },
    ]
  })
}

function dearestFirst(a: { readonly id: string; readonly tokens: number }, b: typeof a): number {
  return b.tokens - a.tokens || compareText(a.id, b.id)
}

/** Without a daily figure the page says why: `missing` is the caller's word for what it looked for. */
export function renderBill(paid: Bill, missing = 'no recorded runs'): string {
  const rows = paid.rows.map((row) => {
    const dearest = row.constraints.slice(0, 5).map((one) => `${one.id} ${one.tokens}`)
    return `${row.agent}  ${row.folder === '' ? '(root)' : row.folder}  ${row.tokens} tokens a run, ${row.unattributed} of them not from constraints${row.skills === 0 ? '' : `, ${row.skills} for skills`}${dearest.length > 0 ? `; ${dearest.join(', ')}` : ''}\n`
  })
  return `${rows.join('')}${paid.days === null || paid.days.length === 0 ? `${missing}: no figure per day\n` : paid.days.map(renderDay).join('')}`
}

function renderDay({ agent, runs, tokens: [least, most], constraints }: BillDay): string {
  const dearest = constraints.slice(0, 5).map((one) => `${one.id} ${one.tokens}`)
  const range = least === most ? `${most}` : `${least} to ${most}`
  return `${agent}  ${Number(runs.toFixed(1))} runs a day: ${range} tokens a day, by folder${dearest.length > 0 ? `; at most ${dearest.join(', ')}` : ''}\n`
}

function constraintLines(text: string): { readonly id: string; readonly text: string }[] {
  return [...text.matchAll(/^- .*\[([a-z][a-z0-9-]*)\][ \t]*\r?$/gm)].map((match) => ({ id: match[1] ?? '', text: match[0] }))
}
