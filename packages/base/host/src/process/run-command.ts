import { randomUUID } from 'node:crypto'
import { CoxError, seconds, type Duration } from '@coxswain/kernel'
import { findProgram } from '../find-program.ts'
import { startCommand } from './command-server.ts'
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
  const { stdout, ...rest } = await runForBytes(options)
  return { ...rest, stdout: textOf(stdout) }
}

/** As `runCommand`, for output that is no text. */
export async function runForBytes(
  options: CommandOptions,
): Promise<Omit<CommandResult, 'stdout'> & { readonly stdout: Uint8Array }> {
  options.signal?.throwIfAborted()
  const [name] = options.command
  if (name === undefined) throw new Error('a command has at least one element')
  const startedAt = performance.now()
  const marker = randomUUID()
  const { pid, ended } = startCommand({
    command: options.command,
    cwd: options.cwd,
    env: { ...options.env, [markerName]: marker },
    stdin: options.stdin ?? null,
    maxOutputBytes: options.maxOutputBytes ?? 1024 * 1024,
  })
  const end = ended.catch(async (error: unknown) => {
    throw await explainSpawnError(error, name, options)
  })
  const stop = await raceWithLimits(end, options)
  if (stop !== null) {
    const leader = await pid
    if (leader !== null) await stopGroup(leader, marker, seconds(2))
  }
  const { exitCode, signal, stdout, stderr, isTruncated } = await end
  if (stop === 'aborted') throw options.signal?.reason
  return {
    exitCode,
    signal,
    stdout,
    stderr: textOf(stderr),
    timedOut: stop === 'timed-out',
    truncated: isTruncated,
    wallMs: performance.now() - startedAt,
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}

async function explainSpawnError(error: unknown, name: string, options: CommandOptions): Promise<unknown> {
  const isMissing = error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EACCES')
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
