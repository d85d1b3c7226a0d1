import { dirname } from 'node:path'
import { compareText, listTree } from '@coxswain/constraints'
import { context } from './context.ts'
import { loadTokenCounter } from './load-token-counter.ts'
import type { AgentName } from './loading-rules.ts'

export interface BillOptions {
  readonly root: string
  readonly agents: readonly AgentName[]
  /** Recorded runs per day; null when none are recorded yet. */
  readonly runsPerDay: number | null
  readonly signal?: AbortSignal
}

export interface BillRow {
  readonly agent: AgentName
  /** A package's folder, or the root. */
  readonly folder: string
  readonly tokens: number
  /** Tokens of hand-written and framing text. */
  readonly unattributed: number
  /** Tokens per constraint's lines, dearest first. */
  readonly constraints: readonly { readonly id: string; readonly tokens: number }[]
}

export interface Bill {
  readonly rows: readonly BillRow[]
  readonly runsPerDay: number | null
  /** Tokens per run in the dearest folder, times the runs of a day; null without a recorded rate. */
  readonly tokensPerDay: number | null
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
      const constraints = perId.toSorted((a, b) => b.tokens - a.tokens || compareText(a.id, b.id))
      rows.push({ agent, folder, tokens: received.tokens, unattributed: received.tokens - attributed, constraints })
    }
  }
  const dearest = Math.max(0, ...rows.map((row) => row.tokens))
  return { rows, runsPerDay: options.runsPerDay, tokensPerDay: options.runsPerDay === null ? null : dearest * options.runsPerDay }
}

export function renderBill(paid: Bill): string {
  const rows = paid.rows.map((row) => {
    const dearest = row.constraints.slice(0, 5).map((one) => `${one.id} ${one.tokens}`)
    return `${row.agent}  ${row.folder === '' ? '(root)' : row.folder}  ${row.tokens} tokens a start, ${row.unattributed} of them not from constraints${dearest.length > 0 ? `; ${dearest.join(', ')}` : ''}\n`
  })
  const rate =
    paid.tokensPerDay === null
      ? 'no recorded runs: no figure per day\n'
      : `${paid.runsPerDay ?? 0} runs a day: up to ${paid.tokensPerDay} tokens a day\n`
  return `${rows.join('')}${rate}`
}

function constraintLines(text: string): { readonly id: string; readonly text: string }[] {
  return [...text.matchAll(/^- .*\[([a-z][a-z0-9-]*)\][ \t]*\r?$/gm)].map((match) => ({ id: match[1] ?? '', text: match[0] }))
}
