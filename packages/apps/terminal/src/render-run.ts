import { basename } from 'node:path'
import { counted, formatDuration, isCoxError, parseCommandLine } from '@coxswain/kernel'
import { isAtRest, isEnded, type Run } from '@coxswain/model'
import type { RunResponse } from '@coxswain/protocol'
import { plain, plainBlock } from './table.ts'

/** The object that `cox run --json` ends with: a stable contract. */
export function runResult(run: Run, wallMs: number): Record<string, unknown> {
  return {
    id: run.id,
    task: run.task,
    agent: run.agent,
    state: run.state,
    outcome: run.outcome,
    reason: run.reason,
    landed: run.landed,
    branch: run.branch,
    target: run.target,
    turns: run.turns,
    gateFailures: run.gateFailures,
    tokens: totalTokens(run),
    wallMs: Math.round(wallMs),
  }
}

export function totalTokens(run: Run): number {
  const { input, cachedInput, cacheWrite, output } = run.tokens
  return input + cachedInput + cacheWrite + output
}

export function renderRunLine(run: Run, options: RunLineOptions = {}): string {
  const { title = null, state = run.outcome ?? run.state, now } = options
  const named = title === null ? '' : ` · ${shorten(plain(title), 60)}`
  return `${run.id} ${state}${named} · ${agentLabel(run.agent)} · ${spent(run, now)}`
}

export interface RunLineOptions {
  /** Of its task. */
  readonly title?: string | null
  readonly state?: string
  /** Milliseconds since the epoch: counts the time since the last recorded step of a run that goes on. */
  readonly now?: number
}

/** At most `length` characters, the last an ellipsis where it is cut. */
export function shorten(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, Math.max(0, length - 1))}…` : text
}

/** Of an ACP agent its program; the whole command line is for who looks closely. */
export function agentLabel(agent: string): string {
  const program = agent.startsWith('acp:') ? programOf(agent.slice('acp:'.length)) : ''
  return program === '' ? plain(agent) : `acp:${plain(basename(program))}`
}

/** Of a command line that cannot be read, its first word. */
function programOf(commandLine: string): string {
  try {
    return parseCommandLine(commandLine)[0] ?? ''
  } catch (error) {
    if (!isCoxError(error, 'COMMAND_LINE_INVALID')) throw error
    return commandLine.trim().split(/\s+/)[0] ?? ''
  }
}

/** `3 turns, 12,400 tokens, $0.0312, 2 min 4 s`. */
function spent(run: Run, now = run.updatedAt): string {
  const parts = [counted(run.turns, 'turn')]
  if (run.gateFailures > 0) parts.push(counted(run.gateFailures, 'gate failure'))
  if (totalTokens(run) > 0) parts.push(`${totalTokens(run).toLocaleString('en-US')} tokens`)
  if (run.costUsd !== null && run.costUsd > 0) parts.push(`$${run.costUsd.toFixed(4)}`)
  parts.push(formatDuration(run.activeMs + (isWorking(run) ? Math.max(0, now - run.updatedAt) : 0)))
  return parts.join(', ')
}

/** Its time counts: it neither waits nor rests. */
function isWorking({ state }: Run): boolean {
  return !isAtRest(state) && state !== 'queued' && state !== 'waiting'
}

/** In place of the state in which an orderly stop of the daemon left a run. */
export const suspendedWords = 'waits for `cox up`'

/** What a person needs to know when a run comes to rest, with the next step. */
export function renderEnd(run: Run, { state = run.outcome ?? run.state }: EndOptions = {}): string {
  const reason = run.reason === null ? '' : `\n${plainBlock(run.reason)}`
  return `${run.id} ${state} (${spent(run)})${run.landed === null ? '' : `\n${run.landed.slice(0, 12)} on ${targetName(run)}`}${reason}${nextStep(run)}`
}

interface EndOptions {
  readonly state?: string
}

function targetName({ target }: Run): string {
  return target === null ? 'the branch' : plain(target)
}

function nextStep(run: Run): string {
  switch (run.outcome) {
    case 'awaiting-approval':
      return `\nLook: cox show ${run.id} --diff · land it on ${targetName(run)}: cox approve ${run.id} · change it: cox say ${run.id} "…"`
    case 'protected-path':
      return `\nLook: cox show ${run.id} --diff · allow it: cox approve ${run.id}`
    case 'main-dirty':
      return `\nThen: cox approve ${run.id}`
    case 'base-red':
      return `\nMended: cox resume ${run.id} · let it mend that too: cox say ${run.id} "…"`
    case 'blocked':
    case 'no-change':
      return isEnded(run.state) ? '' : `\nAnswer: cox say ${run.id} "…" · start over: cox rework ${run.id} --reason "…"`
    case 'budget-exceeded':
      return `\nWork so far: cox show ${run.id} --diff · go on with more: cox resume ${run.id} --budget-tokens … or --budget-usd, --budget-time`
    case 'landed':
    case 'cancelled':
    case null:
      return ''
    default:
      return `\nDetails: cox show ${run.id}${run.state === 'blocked' || run.state === 'paused' ? ` · go on: cox resume ${run.id}` : ''}`
  }
}

export function renderGates({ gates }: Pick<RunResponse, 'gates'>): string[] {
  return gates.map(
    (gate) =>
      `  ${gate.verdict === 'passed' ? 'ok' : gate.verdict} ${gate.gate} (${formatDuration(gate.wallMs)}, tree ${gate.tree.slice(0, 10)})`,
  )
}
