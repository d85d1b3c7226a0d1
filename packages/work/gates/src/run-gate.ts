import { existsSync } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { seconds, sleep } from '@coxswain/kernel'
import { attachDetached, findProgram, startDetached, stopDetached, type DetachedProcess } from '@coxswain/host'
import type { Gate, GateResult } from '@coxswain/model'
import { excerptOf } from './excerpt.ts'
import { missedNetwork } from './missed-network.ts'
import { removeFolder } from './remove-folder.ts'
import type { Ground, Stage } from './stage.ts'

export interface GateProcess {
  readonly gate: Gate
  /** What is judged. */
  readonly tree: string
  /** Names the gate's definition. */
  readonly definition: string
  /** Private folder of this gate on this tree: log, process record, layer; a repeated step joins what runs there. */
  readonly dir: string
  readonly ground: Pick<Ground, 'ready' | 'standing'>
  /** Ends the gate under way with its whole process tree. */
  readonly interrupt: AbortSignal
  /** Lets go of the gate under way and leaves it running. */
  readonly shutdown: AbortSignal
}

const maxLogBytes = 64 * 1024 * 1024
const keptLogBytes = 4 * 1024 * 1024

/** What a kill from outside, such as the kernel's for want of memory, may cost before it is believed to be the gate's own. */
export const maxAttempts = 3

/** Runs one gate on its own stage, or joins it. @throws the reason of the signal that ended it */
export async function runGate(run: GateProcess, attempt = 1): Promise<GateResult> {
  const { gate, dir, ground, interrupt, shutdown } = run
  const startedAt = performance.now()
  let treeMs: GateResult['treeMs']
  const result = (verdict: GateResult['verdict'], exitCode: number | null, excerpt: string): GateResult => ({
    gate: gate.name,
    verdict,
    exitCode,
    wallMs: Math.round(performance.now() - startedAt),
    ...(treeMs === undefined ? {} : { treeMs }),
    excerpt,
    logFile: join(dir, 'out'),
    tree: run.tree,
  })
  const key = `${run.definition} ${run.tree}`
  const access = { network: gate.network, sockets: gate.sockets }
  const standing = (await isUnderWay(dir, key)) ? await attachDetached(dir) : null
  if (standing === null) await clear(dir, shutdown)
  const readiedFrom = performance.now()
  const stage = standing === null ? await ground.ready(dir, access) : ground.standing(dir, access)
  const readyMs = Math.round(performance.now() - readiedFrom)
  const program = gate.command[0] ?? ''
  const located = program.includes('/') && !isAbsolute(program) ? stage.locate(program) : program
  if (standing === null && (await findProgram(located, stage.env)) === null) {
    await stage.drop()
    return result('not-startable', null, `"${program}" was not found or is not executable.`)
  }
  shutdown.throwIfAborted()
  const started = standing ?? (await start(run, stage, key))
  const end = await waitForEnd(started, gate, AbortSignal.any([interrupt, shutdown]))
  shutdown.throwIfAborted()
  await started.stop({ grace: seconds(1) }) // a gate leaves nothing behind, also when it passed
  const droppedFrom = performance.now()
  await stage.drop()
  if (standing === null) treeMs = { ready: readyMs, drop: Math.round(performance.now() - droppedFrom) }
  interrupt.throwIfAborted()
  if (end.kind === 'signalled' && end.isFromOutside && attempt < maxAttempts) {
    await clear(dir, shutdown)
    return runGate(run, attempt + 1)
  }
  const { verdict, exitCode, excerpt } = judge(end, gate, await readOutput(join(dir, 'out')))
  return result(verdict, exitCode, excerpt)
}

async function start({ gate, dir }: GateProcess, stage: Stage, key: string): Promise<DetachedProcess> {
  const command = withErrorsInOrder(await stage.contain(gate.command))
  return startDetached({ dir, key, command, cwd: stage.cwd, env: stage.env, input: 'none' })
}

function judge(end: GateEnd, gate: Gate, output: string): Pick<GateResult, 'verdict' | 'exitCode' | 'excerpt'> {
  if (end.kind === 'passed') return { verdict: 'passed', exitCode: 0, excerpt: '' }
  if (end.kind === 'exited')
    return { verdict: 'failed', exitCode: end.exitCode, excerpt: explain(excerptOf(output), output, gate) }
  const verdict = end.kind === 'timed-out' ? 'timed-out' : 'killed'
  return { verdict, exitCode: null, excerpt: `${wordsFor(end.kind, gate)}\n${excerptOf(output)}` }
}

function wordsFor(kind: 'timed-out' | 'too-loud' | 'signalled', gate: Gate): string {
  switch (kind) {
    case 'timed-out':
      return `It ran longer than its limit of ${gate.timeoutMs / 1000} s and was killed.`
    case 'too-loud':
      return `It printed more than ${maxLogBytes / 1024 / 1024} MB, the limit of a gate's output, and was killed.`
    case 'signalled':
      return 'It was killed by a signal.'
    default:
      return kind satisfies never
  }
}

/** The last lines say what the network would have been for, where it was missed. */
function explain(excerpt: string, output: string, gate: Gate): string {
  const missed = gate.network === 'none' ? missedNetwork(output) : null
  return missed === null ? excerpt : `${excerpt}\n${missed}`
}

/** Nobody ended what an earlier life of ours started here; it runs, or ran to its end. */
async function isUnderWay(dir: string, key: string): Promise<boolean> {
  return !existsSync(join(dir, 'cut')) && (await readFile(join(dir, 'key'), 'utf8').catch(() => null)) === key
}

/** The folder is the next holder's where this one was let go of. */
async function clear(dir: string, shutdown: AbortSignal): Promise<void> {
  shutdown.throwIfAborted()
  if (existsSync(dir)) await stopDetached(dir)
  await removeFolder(dir)
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
      // One that ends before anybody sees how loud it is is judged as one that was seen.
      if (started.stdoutBytes() > maxLogBytes) return { kind: 'too-loud' }
      if (exit !== undefined) return endOf(exit.exitCode)
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
