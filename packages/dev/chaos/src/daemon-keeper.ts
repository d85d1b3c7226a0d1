import { readLive, runCommand } from '@coxswain/host'
import { minutes, sleep } from '@coxswain/kernel'
import { DaemonAddress } from '@coxswain/protocol'
import { createClient, type Client } from '@coxswain/sdk'
import { coxCommand, type World } from './open-world.ts'

/** Starts a daemon whenever there is none, as a supervisor of the machine would. */
export interface DaemonKeeper {
  /** A client of whichever daemon lives now. */
  client(): Promise<Client>
  readonly starts: () => number
  /** Milliseconds from each start of `cox up -d` to a daemon that answers. */
  readonly startTimes: readonly number[]
  /** Codes of starts that failed, as they are met when processes die in the middle of a start. */
  readonly failures: readonly string[]
  stop(): Promise<void>
}

export function keepDaemon(world: World): DaemonKeeper {
  const stopping = new AbortController()
  const startTimes: number[] = []
  const failures: string[] = []
  let starts = 0
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      if ((await findLive(world)) === null) {
        starts += 1
        const startedAt = performance.now()
        const failure = await startDaemon(world)
        if (failure === null) startTimes.push(performance.now() - startedAt)
        else failures.push(failure)
      }
      await sleep(100, stopping.signal).catch(() => {})
    }
  }
  const running = loop()
  return {
    client: () => waitForClient(world),
    starts: () => starts,
    startTimes,
    failures,
    stop: async () => {
      stopping.abort(new Error('stopped'))
      await running
    },
  }
}

/** The code of the failure, or null. */
export async function startDaemon(world: World): Promise<string | null> {
  const result = await runCommand({
    command: coxCommand('up', '-d', '--json', '-C', world.repository.root),
    cwd: world.dir,
    env: world.environment,
    timeout: minutes(2),
  })
  if (result.exitCode === 0) return null
  return (
    /"code":"([A-Z_]+)"/.exec(result.stdout)?.[1] ??
    `exit ${result.exitCode ?? result.signal}: ${result.stderr.trim().slice(0, 300)}`
  )
}

export async function stopDaemon(world: World): Promise<void> {
  const result = await runCommand({
    command: coxCommand('down', '--json', '-C', world.repository.root),
    cwd: world.dir,
    env: world.environment,
    timeout: minutes(2),
  })
  if (result.exitCode !== 0) throw new Error(`cox down: ${result.stdout}${result.stderr}`)
}

export function findLive({ folder }: World): Promise<DaemonAddress | null> {
  return readLive(folder.address, DaemonAddress)
}

const clientLimitMs = 120_000

async function waitForClient(world: World): Promise<Client> {
  for (let waited = 0; waited < clientLimitMs; waited += 50) {
    const address = await findLive(world)
    if (address !== null) return createClient(address)
    await sleep(50)
  }
  throw new Error('no daemon for two minutes')
}
