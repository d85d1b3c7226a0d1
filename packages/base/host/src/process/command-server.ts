import { spawn, type ChildProcess } from 'node:child_process'
import { sleep } from '@coxswain/kernel'
import { performCommand, type CommandEnd, type CommandRequest } from './perform-command.ts'

/*
 * Starting a process copies the page tables of the one that starts it: a millisecond of CPU for a small one, ten for a daemon of 200 MB.
 * A large process that runs many short commands therefore lets a small one start them.
 */

export interface StartedCommand {
  /** Null when it could not be started. */
  readonly pid: Promise<number | null>
  readonly ended: Promise<CommandEnd>
}

/** From now on commands of this process are started by a small process beside it, which ends with it or when disposed. */
export function startCommandServer(): AsyncDisposable {
  isWanted = true
  return {
    [Symbol.asyncDispose]: async () => {
      isWanted = false
      const ending = server
      server = null
      if (ending === null) return
      const exited = new Promise((resolve) => ending.child.once('exit', resolve))
      ending.child.disconnect()
      // Whoever is told that we ended finds nothing of ours.
      const limit = new AbortController()
      await Promise.race([exited, sleep(patienceMs, limit.signal).catch(() => {})])
      limit.abort()
    },
  }
}

const patienceMs = 20_000

export function startCommand(request: CommandRequest): StartedCommand {
  if (!isWanted) return startHere(request)
  server ??= openServer()
  return startThere(server, request)
}

let isWanted = false
let server: Server | null = null

interface Server {
  readonly child: ChildProcess
  readonly pending: Map<number, Pending>
  next: number
}

interface Pending {
  readonly request: CommandRequest
  readonly pid: PromiseWithResolvers<number | null>
  readonly ended: PromiseWithResolvers<CommandEnd>
  isStarted: boolean
}

type Answer = { readonly id: number } & (
  | { readonly pid: number }
  | { readonly end: CommandEnd }
  | { readonly error: { readonly message: string; readonly code: string } }
)

function startHere(request: CommandRequest): StartedCommand {
  const pid = Promise.withResolvers<number | null>()
  const ended = performCommand(request, pid.resolve)
  ended.catch(() => pid.resolve(null)) // who waits for the end is told
  return { pid: pid.promise, ended }
}

function startThere(to: Server, request: CommandRequest): StartedCommand {
  const id = to.next++
  const pending: Pending = { request, pid: Promise.withResolvers(), ended: Promise.withResolvers(), isStarted: false }
  to.pending.set(id, pending)
  to.child.send({ id, request }, (error) => {
    if (error !== null) lose(to)
  })
  return { pid: pending.pid.promise, ended: pending.ended.promise }
}

function openServer(): Server {
  const program = `(${serve.toString()})(${performCommand.toString()})`
  const child = spawn(process.execPath, ['--eval', program], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
    detached: true,
  })
  const opened: Server = { child, pending: new Map(), next: 1 }
  child.on('message', (answer: Answer) => receive(opened, answer))
  child.on('error', () => lose(opened))
  child.on('exit', () => lose(opened))
  return opened
}

/** The program of the small process: self-contained like what it is given. */
function serve(perform: typeof performCommand): void {
  const tell = (answer: Answer): void => {
    if (process.connected) process.send?.(answer)
  }
  const parent = process.ppid
  process.on('message', ({ id, request }: { id: number; request: CommandRequest }) => {
    // The one that asked was killed: whoever comes next asks again.
    if (process.ppid !== parent) return
    perform(request, (pid) => tell({ id, pid })).then(
      (end) => tell({ id, end }),
      (error: NodeJS.ErrnoException) => tell({ id, error: { message: error.message, code: error.code ?? '' } }),
    )
  })
}

function receive({ pending }: Server, answer: Answer): void {
  const waiting = pending.get(answer.id)
  if (waiting === undefined) return
  if ('pid' in answer) {
    waiting.isStarted = true
    waiting.pid.resolve(answer.pid)
    return
  }
  pending.delete(answer.id)
  waiting.pid.resolve(null)
  if ('end' in answer) waiting.ended.resolve(answer.end)
  else waiting.ended.reject(Object.assign(new Error(answer.error.message), { code: answer.error.code }))
}

/** It died: what it had not started yet is started here, the next command by another one. */
function lose(lost: Server): void {
  if (server === lost) server = null
  for (const { request, pid, ended, isStarted } of lost.pending.values()) {
    pid.resolve(null)
    if (isStarted) ended.reject(new Error(`nobody knows how ${request.command[0]} ended: the process that started it was killed`))
    else performCommand(request, () => {}).then(ended.resolve, ended.reject)
  }
  lost.pending.clear()
}
