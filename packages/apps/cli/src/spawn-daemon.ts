import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { ensureStateFolder, readLive, type Repository, type StateFolder } from '@coxswain/host'
import { CoxError, sleep } from '@coxswain/kernel'
import { DaemonAddress, ErrorResponse } from '@coxswain/protocol'
import { holdSignals, type HeldSignals } from './hold-signals.ts'

export interface SpawnedDaemon {
  readonly address: DaemonAddress
  /** False when another one was there first. */
  readonly isOurs: boolean
}

const startLimitMs = 60_000

/** Starts a daemon process of its own session and waits until one answers. @throws the error that the daemon met */
export async function spawnDaemon(
  repository: Repository,
  folder: StateFolder,
  role: 'daemon' | 'ephemeral',
): Promise<SpawnedDaemon> {
  ensureStateFolder(folder)
  // Before there is anything to leave behind.
  using interrupt = role === 'ephemeral' ? catchSignals() : null
  using start = beginStart([repository.root, role], folder)
  interrupt?.ends(start.child)
  for (let waited = 0; waited < startLimitMs; waited += 20) {
    const address = await readLive(folder.address, DaemonAddress)
    if (address !== null && interrupt?.wasSent !== true) {
      const isOurs = address.pid === start.child.pid
      if (!isOurs) await start.giveUp()
      return { address, isOurs }
    }
    if (start.hasEnded()) interrupt?.throwIfSent()
    if (start.hasEnded()) throw start.failure() ?? endedUntold(start.child, folder)
    await sleep(20)
  }
  throw new CoxError('DAEMON_SLOW', 'The daemon did not answer within a minute', { hint: `Look at its log: ${folder.log}` })
}

interface Start extends Disposable {
  readonly child: ChildProcess
  /** True once it is gone and all it said has been heard. */
  hasEnded(): boolean
  failure(): CoxError | null
  /** Ends it, however far it is: left alone it would take the place of the one that was first, should that be stopped meanwhile. */
  giveUp(): Promise<void>
}

/** Small spaces for what lives briefly: a hundred megabytes less for a daemon that mostly waits, at no cost of CPU. */
const lean = ['--max-semi-space-size=4']

/** A start that fails says why over a channel, which leaves nothing behind whoever of the two is killed. */
function beginStart(args: readonly string[], folder: StateFolder): Start {
  const log = openSync(folder.log, 'a', 0o600)
  const main = new URL(import.meta.url.endsWith('.ts') ? './daemon-main.ts' : './daemon-main.js', import.meta.url)
  const child = spawn(process.execPath, [...process.execArgv, ...lean, fileURLToPath(main), ...args], {
    cwd: '/',
    // It may have been told from the folder that we are in.
    env: process.env['COXSWAIN_STATE_DIR'] ? { ...process.env, COXSWAIN_STATE_DIR: dirname(folder.root) } : process.env,
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  })
  closeSync(log)
  let failure: CoxError | null = null
  child.on('message', (message) => (failure = toError(message)))
  const exited = once(child, 'exit')
  child.unref()
  return {
    child,
    hasEnded: () => !child.connected && (child.exitCode !== null || child.signalCode !== null),
    failure: () => failure,
    giveUp: async () => {
      child.kill('SIGTERM')
      child.ref()
      await exited
    },
    [Symbol.dispose]: () => {
      if (child.connected) child.disconnect()
    },
  }
}

function toError(message: unknown): CoxError | null {
  const told = ErrorResponse.safeParse(message)
  if (!told.success) return null
  const { code, message: text, hint, data } = told.data.error
  return new CoxError(code, text, { hint, data })
}

function endedUntold({ pid, exitCode, signalCode }: ChildProcess, folder: StateFolder): CoxError {
  return new CoxError('DAEMON_FAILED', `The daemon ended while starting, by ${signalCode ?? `exit code ${exitCode}`}`, {
    hint:
      signalCode === 'SIGKILL'
        ? 'Somebody killed it, or the machine was short of memory: start it again.'
        : `Look at its log: ${folder.log}`,
    data: { pid, exitCode, signal: signalCode },
  })
}

interface Interrupt extends HeldSignals {
  /** From now on a signal ends this process too; one that came before, at once. */
  ends(child: ChildProcess): void
}

/** Whoever leaves while their daemon starts leaves no daemon behind. */
function catchSignals(): Interrupt {
  let child: ChildProcess | null = null
  const end = (): void => void child?.kill('SIGTERM')
  const held = holdSignals(end)
  return {
    get wasSent() {
      return held.wasSent
    },
    throwIfSent: held.throwIfSent,
    ends: (started) => {
      child = started
      if (held.wasSent) end()
    },
    [Symbol.dispose]: () => held[Symbol.dispose](),
  }
}
