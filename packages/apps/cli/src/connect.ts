import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { closeSync, openSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import {
  ensureStateFolder,
  identify,
  isSameAlive,
  openRepository,
  readEnvironment,
  stateFolder,
  type Repository,
  type StateFolder,
} from '@coxswain/host'
import { CoxError, isCoxError, sleep } from '@coxswain/kernel'
import { DaemonAddress } from '@coxswain/protocol'
import { createClient, type Client } from '@coxswain/sdk'
import { configPath, loadConfig } from '@coxswain/steering'

export interface Connection extends AsyncDisposable {
  readonly client: Client
  readonly address: DaemonAddress
  readonly repository: Repository
  readonly folder: StateFolder
}

/** A client of this repository's daemon; without one, a daemon that serves this command and then ends by itself. @throws CoxError */
export async function connect(
  directory: string | undefined,
  { isReading = false }: { /** What was can be told where no work can be done. */ readonly isReading?: boolean } = {},
): Promise<Connection> {
  const repository = await openRepository(directory ?? process.cwd())
  const folder = stateFolder(repository, readEnvironment())
  const present = await findDaemon(folder)
  if (present !== null) return connection(present, repository, folder)
  await requireHarness(repository).catch((error: unknown) => {
    if (!isReading || !isCoxError(error) || !error.code.startsWith('CONFIG_')) throw error
  })
  return connection(await spawnDaemon(repository, folder, 'ephemeral'), repository, folder)
}

/** The live daemon of a repository; null when there is none. */
export async function findDaemon(folder: StateFolder): Promise<DaemonAddress | null> {
  const text = await readFile(folder.address, 'utf8').catch(() => null)
  if (text === null) return null
  const address = DaemonAddress.safeParse(parseJson(text))
  return address.success && isSameAlive(address.data) ? address.data : null
}

async function connection(address: DaemonAddress, repository: Repository, folder: StateFolder): Promise<Connection> {
  const client = createClient(address)
  return {
    client,
    address,
    repository,
    folder,
    // What we started for ourselves is gone when we return, so that nothing is left running.
    [Symbol.asyncDispose]: async () => {
      if (!address.isEphemeral || !started.has(address.pid)) return
      await client.shutdown().catch(() => null) // it may be gone by itself
      for (let waited = 0; identify(address.pid) !== null && isSameAlive(address); waited += 20) {
        if (waited === noticeAfterMs) process.stderr.write(`waiting for what was started to end; its log: ${folder.log}\n`)
        await sleep(20)
      }
    },
  }
}

const started = new Set<number>()
const noticeAfterMs = 5_000
const startLimitMs = 60_000

/** Small spaces for what lives briefly: a hundred megabytes less for a daemon that mostly waits, at no cost of CPU. */
const lean = ['--max-semi-space-size=4']

/** Starts a daemon process of its own session and waits until it answers. @throws the error that the daemon met */
export async function spawnDaemon(
  repository: Repository,
  folder: StateFolder,
  role: 'daemon' | 'ephemeral',
): Promise<DaemonAddress> {
  ensureStateFolder(folder)
  const errorFile = join(folder.root, `start-${randomUUID()}.json`)
  const log = openSync(folder.log, 'a', 0o600)
  const main = new URL(import.meta.url.endsWith('.ts') ? './daemon-main.ts' : './daemon-main.js', import.meta.url)
  const child = spawn(process.execPath, [...process.execArgv, ...lean, fileURLToPath(main), repository.root, role, errorFile], {
    cwd: '/',
    detached: true,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  let exited = false
  child.once('exit', () => (exited = true))
  child.unref()
  using interrupt = role === 'ephemeral' ? endOnSignal(child) : null
  for (let waited = 0; waited < startLimitMs; waited += 20) {
    const address = await findDaemon(folder)
    if (address !== null && interrupt?.wasSent !== true) {
      if (address.pid === child.pid) started.add(address.pid)
      return address
    }
    if (exited && interrupt?.wasSent === true)
      throw new CoxError('INTERRUPTED', 'Interrupted before anything was begun', { hint: 'Run the same command again.' })
    if (exited) throw await startError(errorFile, folder)
    await sleep(20)
  }
  throw new CoxError('DAEMON_SLOW', 'The daemon did not answer within a minute', { hint: `Look at its log: ${folder.log}` })
}

interface Interrupt extends Disposable {
  readonly wasSent: boolean
}

/** Whoever leaves while their daemon starts leaves no daemon behind. */
function endOnSignal(child: ChildProcess): Interrupt {
  let wasSent = false
  const end = (): void => {
    wasSent = true
    child.kill('SIGTERM')
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, end)
  return {
    get wasSent() {
      return wasSent
    },
    [Symbol.dispose]: () => {
      for (const signal of signals) process.off(signal, end)
    },
  }
}

async function startError(errorFile: string, folder: StateFolder): Promise<CoxError> {
  const text = await readFile(errorFile, 'utf8').catch(() => null)
  await rm(errorFile, { force: true })
  const found = text === null ? null : parseJson(text)
  if (typeof found === 'object' && found !== null && 'code' in found && 'message' in found && 'hint' in found) {
    return new CoxError(String(found.code), String(found.message), { hint: String(found.hint) })
  }
  return new CoxError('DAEMON_FAILED', 'The daemon ended while starting', { hint: `Look at its log: ${folder.log}` })
}

/** Fails before anything is started. @throws CoxError HARNESS_MISSING, REPOSITORY_BARE, CONFIG_* */
export async function requireHarness(repository: Repository): Promise<void> {
  if (repository.isBare)
    throw new CoxError('REPOSITORY_BARE', `${repository.root} is a bare repository`, {
      hint: 'Run this in a clone with a working tree.',
    })
  if ((await loadConfig(repository.root)) === null)
    throw new CoxError('HARNESS_MISSING', `${repository.root} has no ${configPath}`, { hint: 'Run `cox init` there first.' })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
