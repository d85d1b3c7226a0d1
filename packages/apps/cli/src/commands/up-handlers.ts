import { join } from 'node:path'
import process from 'node:process'
import {
  findDetachedBelow,
  findProcessesBelow,
  isSameAlive,
  openRepository,
  readEnvironment,
  stateFolder,
  systemClock,
  type StateFolder,
} from '@coxswain/host'
import { counted, CoxError, isCoxError, mapLimit, sleep } from '@coxswain/kernel'
import { createClient, type Client } from '@coxswain/sdk'
import type { CliContext } from '../cli-context.ts'
import { present, type CommonFlags } from '../common-flags.ts'
import { findDaemon, requireHarness } from '../connect.ts'
import { followLive, renderEvent } from '@coxswain/terminal'
import { refuseInsideRun } from '../inside-run.ts'
import { spawnDaemon } from '../spawn-daemon.ts'
import { whileDaemonRuns } from '../while-daemon-runs.ts'
import { warn } from './task-handlers.ts'

export async function up(this: CliContext, flags: CommonFlags & { readonly detached?: boolean }): Promise<void> {
  await present(this, flags, async () => {
    refuseInsideRun()
    const repository = await openRepository(flags.directory ?? process.cwd())
    await requireHarness(repository)
    const folder = stateFolder(repository, readEnvironment())
    const serving = await waitForEphemeral(folder)
    if (serving !== null)
      throw new CoxError('DAEMON_RUNNING', `A daemon (${serving.pid}) serves this repository already`, {
        hint: 'Use it: `cox status`. Stop it with `cox down`.',
      })
    // From here on a signal must not leave a daemon behind that nobody asked to stay.
    const leave = leaveOnSignal(this)
    const { address } = await spawnDaemon(repository, folder, 'daemon')
    if (flags.detached)
      return {
        json: { pid: address.pid, url: address.url, state: folder.root, log: folder.log },
        text: `daemon ${address.pid} works on the backlog; log: ${folder.log}`,
      }
    const show = (): Promise<void> => view(this, createClient(address), { asJson: flags.json ?? false, leave })
    if (!leave.aborted) await whileDaemonRuns(null, show)
    tellToEnd(address)
    while (isSameAlive(address)) await sleep(20)
    const { left, text, exitCode } = await leftAlive(folder)
    return { json: { stopped: address.pid, left }, text: text.trimStart(), exitCode }
  })
}

function leaveOnSignal({ process: own }: CliContext): AbortSignal {
  const leave = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) own.once(signal, () => leave.abort())
  return leave.signal
}

/** An ephemeral daemon of a command that is just ending is waited for. */
async function waitForEphemeral(folder: Parameters<typeof findDaemon>[0]): ReturnType<typeof findDaemon> {
  for (let waited = 0; waited < 5_000; waited += 50) {
    const found = await findDaemon(folder)
    if (found === null || !found.isEphemeral) return found
    await sleep(50)
  }
  return findDaemon(folder)
}

/** Until Ctrl-C: a live table on a terminal, else events as they come. */
async function view(
  context: CliContext,
  client: Client,
  { asJson, leave }: { readonly asJson: boolean; readonly leave: AbortSignal },
): Promise<void> {
  const { process: own } = context
  const status = await client.status()
  warn(context, status.warnings)
  const { TERM, NO_COLOR } = readEnvironment()
  if (own.stdout.isTTY && TERM !== 'dumb' && !asJson) {
    const hasColour = NO_COLOR === undefined || NO_COLOR === ''
    return followLive({ client, output: own.stdout, hasColour, now: () => systemClock.now(), signal: leave })
  }
  own.stderr.write(`working on ${status.repository} (${status.branch}), ${status.counts['queued'] ?? 0} queued; Ctrl-C stops\n`)
  for await (const event of client.followEvents({ after: status.lastEvent, signal: leave })) {
    const line = asJson ? JSON.stringify(event) : renderEvent(event)
    if (line !== null) own.stdout.write(`${line}\n`)
  }
}

export async function down(this: CliContext, flags: CommonFlags): Promise<void> {
  await present(this, flags, async () => {
    refuseInsideRun()
    const repository = await openRepository(flags.directory ?? process.cwd())
    const folder = stateFolder(repository, readEnvironment())
    const address = await findDaemon(folder)
    if (address === null) {
      // Of a worker, or of a daemon that was killed: one that joins them knows how to end them without a loss.
      const places = [folder.runs, join(folder.root, 'set-ups')]
      const { length: left } = (await mapLimit(places, 2, findDetachedBelow)).flat()
      const advice = 'those of a daemon that was killed are joined by `cox up -d`, and then ended by `cox down`'
      const text = left === 0 ? '' : ` ${counted(left, 'command')} of its runs ${left === 1 ? 'is' : 'are'} alive: ${advice}.`
      return { json: { stopped: null, left }, text: `No daemon runs.${text}`, exitCode: left === 0 ? 0 : 1 }
    }
    // One that serves commands ends by itself when they do; told to end, it ends now.
    if (address.isEphemeral) tellToEnd(address)
    else
      await createClient(address)
        .shutdown()
        .catch((error: unknown) => {
          if (!isCoxError(error, 'DAEMON_UNREACHABLE')) throw error
          tellToEnd(address)
        })
    for (let waited = 0; isSameAlive(address); waited += 20) {
      if (waited > 60_000)
        throw new CoxError('DAEMON_SLOW', `The daemon ${address.pid} is still stopping after a minute`, {
          hint: 'Look at its log; as a last resort end that process: its runs go on at the next `cox up`.',
        })
      await sleep(20)
    }
    const { left, text, exitCode } = await leftAlive(folder)
    return { json: { stopped: address.pid, left }, text: `daemon ${address.pid} stopped${text}`, exitCode }
  })
}

interface LeftAlive {
  readonly left: readonly number[]
  readonly text: string
  readonly exitCode: number
}

/** A daemon ends what works for its runs: what is alive after it is another worker's, or could not be ended. */
async function leftAlive(folder: StateFolder): Promise<LeftAlive> {
  const left = await findProcessesBelow(folder.runs)
  if (left.length === 0) return { left, text: '', exitCode: 0 }
  const what = `${left.length === 1 ? '1 process' : `${left.length} processes`} of its runs`
  return {
    left,
    text: `; ${what} ${left.length === 1 ? 'is' : 'are'} alive, of another worker or not to be ended: ${left.join(', ')}`,
    exitCode: 1,
  }
}

/** It may be ending, or gone, in this very moment. */
function tellToEnd({ pid }: { readonly pid: number }): void {
  try {
    process.kill(pid, 'SIGTERM')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
