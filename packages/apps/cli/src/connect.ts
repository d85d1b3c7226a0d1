import process from 'node:process'
import {
  identify,
  isSameAlive,
  openRepository,
  readEnvironment,
  readLive,
  stateFolder,
  type Repository,
  type StateFolder,
} from '@coxswain/host'
import { CoxError, isCoxError, sleep } from '@coxswain/kernel'
import { DaemonAddress } from '@coxswain/protocol'
import { createClient, type Client } from '@coxswain/sdk'
import { configPath, loadConfig } from '@coxswain/steering'
import { fetchOverSocket } from './fetch-over-socket.ts'
import { notInsideRun, runDoor } from './inside-run.ts'
import { spawnDaemon, type SpawnedDaemon } from './spawn-daemon.ts'

export interface Connection extends AsyncDisposable {
  readonly client: Client
  readonly address: DaemonAddress
  readonly repository: Repository
  readonly folder: StateFolder
  /** It is the agent of a run that asks, about that run. */
  readonly isInsideRun: boolean
}

/** A client of this repository's daemon; without one, a daemon that serves this command and then ends by itself. @throws CoxError */
export async function connect(
  directory: string | undefined,
  { isReading = false, isOfRun = false }: ConnectOptions = {},
): Promise<Connection> {
  const door = runDoor()
  if (door !== null && !isOfRun) throw notInsideRun()
  const repository = await openRepository(directory ?? process.cwd())
  const folder = stateFolder(repository, readEnvironment())
  if (door !== null) return insideRun(door, repository, folder)
  for (let present = await findDaemon(folder); present !== null; present = await findDaemon(folder)) {
    const joined = await join({ address: present, isOurs: false }, repository, folder)
    if (joined !== null) return joined
    // It was there for a command that has left in this very moment.
    while (isSameAlive(present)) await sleep(20)
  }
  await requireHarness(repository).catch((error: unknown) => {
    if (!isReading || !isCoxError(error) || !error.code.startsWith('CONFIG_')) throw error
  })
  const spawned = await spawnDaemon(repository, folder, 'ephemeral')
  return (await join(spawned, repository, folder)) ?? connect(directory, { isReading, isOfRun })
}

interface ConnectOptions {
  /** What was can be told where no work can be done. */
  readonly isReading?: boolean
  /** The agent of a run may ask it about its run. */
  readonly isOfRun?: boolean
}

/** Nothing is started there, and the one who serves is not known. */
function insideRun(door: string, repository: Repository, folder: StateFolder): Connection {
  const place = { url: 'http://localhost', token: '' }
  return {
    client: createClient({ ...place, fetch: fetchOverSocket(door) }),
    address: { ...place, pid: 0, startedAt: '', version: '', isEphemeral: false },
    repository,
    folder,
    isInsideRun: true,
    [Symbol.asyncDispose]: async () => {},
  }
}

/** The live daemon of a repository; null when there is none. */
export function findDaemon(folder: StateFolder): Promise<DaemonAddress | null> {
  return readLive(folder.address, DaemonAddress)
}

/** Null where an ephemeral daemon is ending. */
async function join({ address, isOurs }: SpawnedDaemon, repository: Repository, folder: StateFolder): Promise<Connection | null> {
  const client = createClient(address)
  const presence = new AbortController()
  if (address.isEphemeral && !(await isStaying(client, presence.signal))) return null
  return {
    client,
    address,
    repository,
    folder,
    isInsideRun: false,
    // What we started for ourselves is gone when we return, so that nothing is left running: unless others use it by now.
    [Symbol.asyncDispose]: async () => {
      const left = address.isEphemeral && isOurs ? await client.shutdown().catch(() => null) : null // it may be gone by itself
      presence.abort()
      if (!address.isEphemeral || !isOurs || (left !== null && left.others > 0)) return
      for (let waited = 0; identify(address.pid) !== null && isSameAlive(address); waited += 20) {
        if (waited === noticeAfterMs) process.stderr.write(`waiting for what was started to end; its log: ${folder.log}\n`)
        await sleep(20)
      }
    },
  }
}

async function isStaying(client: Client, signal: AbortSignal): Promise<boolean> {
  try {
    await client.attend(signal)
    return true
  } catch (error) {
    if (!isCoxError(error, 'DAEMON_UNREACHABLE')) throw error
    return false
  }
}

const noticeAfterMs = 5_000

/** Fails before anything is started. @throws CoxError HARNESS_MISSING, REPOSITORY_BARE, CONFIG_* */
export async function requireHarness(repository: Repository): Promise<void> {
  if (repository.isBare)
    throw new CoxError('REPOSITORY_BARE', `${repository.root} is a bare repository`, {
      hint: 'Run this in a worktree of it, or in a clone.',
    })
  if ((await loadConfig(repository.root)) === null)
    throw new CoxError('HARNESS_MISSING', `${repository.root} has no ${configPath}`, { hint: 'Run `cox init` there first.' })
}
