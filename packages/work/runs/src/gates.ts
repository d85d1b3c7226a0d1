import { createHash } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { seconds, sleep } from '@coxswain/kernel'
import { findProgram, startDetached, type DetachedProcess } from '@coxswain/host'
import type { Gate, GateResult } from '@coxswain/model'
import { excerptOf } from './excerpt.ts'

export interface GateRun {
  readonly gates: readonly Gate[]
  readonly worktree: string
  /** What is judged. */
  readonly tree: string
  /** Puts the tree into the worktree where it is not there yet; called before the first gate that is not known to pass it. */
  readonly place?: () => Promise<void>
  /** Private folder for this round of gates: logs and process records; a repeated step joins what runs there. */
  readonly dir: string
  readonly env: Readonly<Record<string, string>>
  /** Wraps the command in what contains it. */
  readonly contain: (command: readonly string[], sockets?: readonly string[]) => Promise<readonly string[]>
  readonly cache: GateCache
  /** Ends the gate under way with its whole process tree. */
  readonly interrupt: AbortSignal
  /** Lets go of the gate under way and leaves it running. */
  readonly shutdown: AbortSignal
}

/** Remembers which tree passed which gate. */
export interface GateCache {
  get(gate: string, tree: string): Promise<GateResult | null>
  put(gate: string, tree: string, result: GateResult): Promise<void>
}

/** Runs gates in order on one tree, up to the first that fails. @throws the reason of the signal that ended it */
export async function runGates(run: GateRun): Promise<GateResult[]> {
  const results: GateResult[] = []
  let isPlaced = run.place === undefined
  for (const gate of run.gates) {
    const definition = definitionHash(gate)
    const known = await run.cache.get(definition, run.tree)
    if (known === null && !isPlaced) await run.place?.()
    isPlaced ||= known === null
    const result = known ?? (await runGate(run, gate))
    if (known === null && result.verdict === 'passed') await run.cache.put(definition, run.tree, result)
    results.push(result)
    if (result.verdict !== 'passed') break
  }
  return results
}

export function definitionHash(gate: Gate): string {
  return createHash('sha256')
    .update(JSON.stringify([gate.name, gate.command]))
    .digest('hex')
    .slice(0, 24)
}

const maxLogBytes = 64 * 1024 * 1024
const keptLogBytes = 4 * 1024 * 1024

/** What a kill from outside, such as the kernel's for want of memory, may cost before it is believed to be the gate's own. */
export const maxAttempts = 3

async function runGate(run: GateRun, gate: Gate, attempt = 1): Promise<GateResult> {
  const startedAt = performance.now()
  const dir = join(run.dir, gate.name)
  const result = (verdict: GateResult['verdict'], exitCode: number | null, excerpt: string): GateResult => ({
    gate: gate.name,
    verdict,
    exitCode,
    wallMs: Math.round(performance.now() - startedAt),
    excerpt,
    logFile: join(dir, 'out'),
    tree: run.tree,
  })
  const program = gate.command[0] ?? ''
  if ((await findProgram(program.includes('/') ? resolve(run.worktree, program) : program, run.env)) === null) {
    return result('not-startable', null, `"${program}" was not found or is not executable.`)
  }
  const command = await run.contain(gate.command, gate.sockets)
  const started = await startDetached({
    dir,
    key: `${definitionHash(gate)} ${run.tree}`,
    command: withErrorsInOrder(command),
    cwd: run.worktree,
    env: run.env,
    input: 'none',
  })
  const end = await waitForEnd(started, gate, AbortSignal.any([run.interrupt, run.shutdown]))
  run.shutdown.throwIfAborted()
  await started.stop({ grace: seconds(1) }) // a gate leaves nothing behind, also when it passed
  run.interrupt.throwIfAborted()
  if (end.kind === 'signalled' && end.isFromOutside && attempt < maxAttempts) {
    await rm(dir, { recursive: true, force: true })
    return runGate(run, gate, attempt + 1)
  }
  const output = await readOutput(join(dir, 'out'))
  if (end.kind === 'passed') return result('passed', 0, '')
  if (end.kind === 'exited') return result('failed', end.exitCode, excerptOf(output))
  const why =
    end.kind === 'timed-out'
      ? `It ran longer than its limit of ${gate.timeoutMs / 1000} s and was killed.`
      : end.kind === 'too-loud'
        ? `It printed more than ${maxLogBytes / 1024 / 1024} MB and was killed.`
        : 'It was killed by a signal.'
  return result(end.kind === 'timed-out' ? 'timed-out' : 'killed', null, `${why}\n${excerptOf(output)}`)
}

/** stdout and stderr in one file, in the order in which they were written. */
function withErrorsInOrder(command: readonly string[]): string[] {
  return ['/bin/sh', '-c', 'exec "$@" 2>&1', 'gate', ...command]
}

type GateEnd =
  | { readonly kind: 'passed' | 'timed-out' | 'too-loud' }
  | { readonly kind: 'signalled'; readonly isFromOutside: boolean }
  | { readonly kind: 'exited'; readonly exitCode: number }

async function waitForEnd(started: DetachedProcess, gate: Gate, signal: AbortSignal): Promise<GateEnd> {
  const pollMs = 200
  const done = new AbortController()
  const exited = started.exited(AbortSignal.any([signal, done.signal])).catch(() => null)
  try {
    for (let waited = 0; ; waited += pollMs) {
      const exit = await Promise.race([
        exited,
        sleep(pollMs, signal).then(
          () => undefined,
          () => null,
        ),
      ])
      if (signal.aborted || exit === null) return { kind: 'signalled', isFromOutside: false }
      if (exit !== undefined) return endOf(exit.exitCode)
      if (started.stdoutBytes() > maxLogBytes) return { kind: 'too-loud' }
      if (waited >= gate.timeoutMs) return { kind: 'timed-out' }
    }
  } finally {
    done.abort()
  }
}

/** A shell tells a death by signal n as 128 + n; 255 and its like are programs' own. */
function endOf(exitCode: number | null): GateEnd {
  if (exitCode === 0) return { kind: 'passed' }
  const isSignal = exitCode === null || (exitCode > 128 && exitCode <= 128 + 64)
  return isSignal ? { kind: 'signalled', isFromOutside: isKillFromOutside(exitCode) } : { kind: 'exited', exitCode }
}

/** SIGKILL, alone or together with its wrapper: programs do not send it to themselves. */
export function isKillFromOutside(exitCode: number | null): boolean {
  return exitCode === null || exitCode === 128 + 9
}

/** The last part of a log; a huge one is cut on disk to that part. */
async function readOutput(file: string): Promise<string> {
  const handle = await open(file, 'r+').catch(() => null)
  if (handle === null) return ''
  try {
    const { size } = await handle.stat()
    const tail = Buffer.alloc(Math.min(size, keptLogBytes))
    await handle.read(tail, 0, tail.length, size - tail.length)
    if (size > maxLogBytes) {
      await handle.truncate(tail.length)
      await handle.write(tail, 0, tail.length, 0)
    }
    const text = tail.toString('utf8')
    return size > tail.length ? text.slice(text.indexOf('\n') + 1) : text
  } finally {
    await handle.close()
  }
}
