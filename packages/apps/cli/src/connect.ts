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
import { spawnDaemon, type SpawnedDaemon } from './spawn-daemon.ts'

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
  return (await join(spawned, repository, folder)) ?? connect(directory, { isReading })
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
      hint: 'Run this in a clone with a working tree.',
    })
  if ((await loadConfig(repository.root)) === null)
    throw new CoxError('HARNESS_MISSING', `${repository.root} has no ${configPath}`, { hint: 'Run `cox init` there first.' })
}
