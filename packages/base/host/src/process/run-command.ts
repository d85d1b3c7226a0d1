import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { CoxError, seconds, type Duration } from '@coxswain/kernel'
import { findProgram } from '../find-program.ts'
import { createTailBuffer } from './tail-buffer.ts'
import { markerName, stopGroup } from './stop-group.ts'

export interface CommandOptions {
  readonly command: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly stdin?: string | Uint8Array
  readonly timeout?: Duration
  /** Per stream; the tail is kept. Default 1 MiB. */
  readonly maxOutputBytes?: number
  readonly signal?: AbortSignal
}

export interface CommandResult {
  readonly exitCode: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
  readonly timedOut: boolean
  readonly truncated: boolean
  readonly wallMs: number
}

/** Runs a short command to its end; on timeout or abort its whole process tree is killed. @throws CoxError COMMAND_NOT_FOUND; the signal's reason */
export async function runCommand(options: CommandOptions): Promise<CommandResult> {
  options.signal?.throwIfAborted()
  const [name, ...args] = options.command
  if (name === undefined) throw new Error('a command has at least one element')
  const startedAt = performance.now()
  const marker = randomUUID()
  const child = spawn(name, args, {
    cwd: options.cwd,
    env: { ...options.env, [markerName]: marker },
    detached: true,
    stdio: [options.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })
  const capacity = options.maxOutputBytes ?? 1024 * 1024
  const stdout = createTailBuffer(capacity)
  const stderr = createTailBuffer(capacity)
  child.stdout?.on('data', stdout.add)
  child.stderr?.on('data', stderr.add)
  if (options.stdin !== undefined) {
    child.stdin?.on('error', () => {}) // the command may end without reading its input
    child.stdin?.end(options.stdin)
  }
  const ended = waitForEnd(child, name, options)
  const stop = await raceWithLimits(ended, options)
  if (stop !== null && child.pid !== undefined) await stopGroup(child.pid, marker, seconds(2))
  const end = await ended
  if (stop === 'aborted') throw options.signal?.reason
  return {
    ...end,
    stdout: stdout.text(),
    stderr: stderr.text(),
    timedOut: stop === 'timed-out',
    truncated: stdout.isTruncated() || stderr.isTruncated(),
    wallMs: performance.now() - startedAt,
  }
}

const lingerMs = 2_000

function waitForEnd(
  child: ChildProcess,
  name: string,
  options: CommandOptions,
): Promise<{ exitCode: number | null; signal: string | null }> {
  return new Promise((resolve, reject) => {
    child.on('error', (error) => void explainSpawnError(error, name, options).then(reject))
    // A program that was never started closes too, before its error is explained.
    child.on('close', (exitCode, signal) => child.pid !== undefined && resolve({ exitCode, signal }))
    // A lingering child of the command may keep its output open for ever: the command itself has ended all the same.
    child.on('exit', (exitCode, signal) => setTimeout(() => resolve({ exitCode, signal }), lingerMs).unref())
  })
}

async function explainSpawnError(error: Error, name: string, options: CommandOptions): Promise<Error> {
  const isMissing = 'code' in error && (error.code === 'ENOENT' || error.code === 'EACCES')
  if (!isMissing) return error
  const found = await findProgram(name, options.env)
  if (found !== null)
    return new CoxError('FOLDER_MISSING', `Cannot run ${name} in ${options.cwd}: the folder is missing`, {
      hint: 'Create the folder or name another with -C.',
      cause: error,
    })
  return commandNotFound(name, error)
}

export function commandNotFound(name: string, cause?: unknown): CoxError {
  return new CoxError('COMMAND_NOT_FOUND', `The command "${name}" was not found on PATH`, {
    hint: `Install ${name}, or write its full path.`,
    data: { command: name },
    cause,
  })
}

async function raceWithLimits(ended: Promise<unknown>, options: CommandOptions): Promise<'timed-out' | 'aborted' | null> {
  let timer: NodeJS.Timeout | undefined
  let onAbort: (() => void) | undefined
  const limits = new Promise<'timed-out' | 'aborted'>((resolve) => {
    if (options.timeout !== undefined) timer = setTimeout(() => resolve('timed-out'), options.timeout)
    onAbort = () => resolve('aborted')
    options.signal?.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([ended.then(() => null), limits])
  } finally {
    clearTimeout(timer)
    if (onAbort) options.signal?.removeEventListener('abort', onAbort)
  }
}
