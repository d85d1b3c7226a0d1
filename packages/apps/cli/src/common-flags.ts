import { CoxError, errorMessage, isCoxError, parseDuration, redact } from '@coxswain/kernel'
import type { CliContext } from './cli-context.ts'
import { plainBlock } from '@coxswain/terminal'

/** Flags of every command. */
export interface CommonFlags {
  readonly directory?: string
  readonly json?: boolean
}

export const commonFlags = {
  directory: {
    kind: 'parsed',
    parse: String,
    brief: 'Repository to work in (default: the current folder)',
    optional: true,
    placeholder: 'DIR',
  },
  json: { kind: 'boolean', brief: 'Print JSON', optional: true, withNegated: false },
} as const

export const commonAliases = { C: 'directory' } as const

/** A handler returns data and its exit code; printing is here alone. */
export interface Output {
  /** Undefined where the handler has printed line by line. */
  readonly json: unknown
  readonly text: string
  readonly exitCode?: number
}

/** Runs a handler and prints what it returns: JSON as one object on stdout, else text; errors with their next step on stderr. */
export async function present(context: CliContext, flags: CommonFlags, handler: () => Promise<Output>): Promise<void> {
  const { process } = context
  try {
    const output = await handler()
    const json = output.json === undefined ? '' : JSON.stringify(output.json)
    const text = flags.json ? json : output.text
    if (text !== '') process.stdout.write(`${text}\n`)
    process.exitCode = output.exitCode ?? 0
  } catch (error) {
    const known = isCoxError(error)
      ? error
      : new CoxError('INTERNAL', redact(errorMessage(error)), {
          hint: 'This is a bug of Coxswain: please report it.',
          cause: error,
        })
    if (flags.json) process.stdout.write(`${JSON.stringify({ error: known.toJSON() })}\n`)
    else process.stderr.write(`${known.code}: ${plainBlock(known.message)}\n  ${plainBlock(known.hint)}\n`)
    if (known.code === 'INTERNAL' && process.env['COXSWAIN_DEBUG'] !== undefined && error instanceof Error)
      process.stderr.write(`${error.stack ?? ''}\n`)
    process.exitCode = 2
  }
}

export interface BudgetFlags {
  readonly budgetTokens?: number
  readonly budgetUsd?: number
  readonly budgetTime?: number
}

/** Limits of one run; milliseconds for the time. */
export const budgetFlags = {
  budgetTokens: { kind: 'parsed', parse: positiveInteger, brief: 'Stop after this many tokens', optional: true },
  budgetUsd: { kind: 'parsed', parse: positiveNumber, brief: 'Stop after this much money', optional: true },
  budgetTime: { kind: 'parsed', parse: durationMs, brief: 'Stop after this long, such as 60s or 20m', optional: true },
} as const

/** Only what was given. */
export function toBudget({ budgetTokens, budgetUsd, budgetTime }: BudgetFlags): {
  readonly tokens?: number
  readonly usd?: number
  readonly timeMs?: number
} {
  return {
    ...(budgetTokens === undefined ? {} : { tokens: budgetTokens }),
    ...(budgetUsd === undefined ? {} : { usd: budgetUsd }),
    ...(budgetTime === undefined ? {} : { timeMs: budgetTime }),
  }
}

function durationMs(text: string): number {
  return parseDuration(text)
}

export function priority(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isInteger(value) || Math.abs(value) > 1_000)
    throw new Error(`"${text}" is not a whole number from -1000 to 1000 (lower runs first)`)
  return value
}

function positiveInteger(text: string): number {
  const value = Number(text.replaceAll('_', ''))
  if (!Number.isInteger(value) || value <= 0) throw new Error(`"${text}" is not a positive whole number`)
  return value
}

function positiveNumber(text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new Error(`"${text}" is not a positive number`)
  return value
}
