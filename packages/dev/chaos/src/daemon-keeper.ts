import { readLive, runCommand } from '@coxswain/host'
import { minutes, sleep } from '@coxswain/kernel'
import { DaemonAddress, ErrorResponse } from '@coxswain/protocol'
import { createClient, type Client } from '@coxswain/sdk'
import type { StartFailure } from './explain-failure.ts'
import { coxCommand, type World } from './open-world.ts'

/** Starts a daemon whenever there is none, as a supervisor of the machine would. */
export interface DaemonKeeper {
  /** A client of whichever daemon lives now. */
  client(): Promise<Client>
  readonly starts: () => number
  /** Milliseconds from each start of `cox up -d` to a daemon that answers. */
  readonly startTimes: readonly number[]
  /** Starts that failed, as they do when processes die in the middle of a start. */
  readonly failures: readonly StartFailure[]
  stop(): Promise<void>
}

export function keepDaemon(world: World): DaemonKeeper {
  const stopping = new AbortController()
  const startTimes: number[] = []
  const failures: StartFailure[] = []
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

/** Null when a daemon answers. */
export async function startDaemon(world: World): Promise<StartFailure | null> {
  const from = performance.now()
  const result = await runCommand({
    command: coxCommand('up', '-d', '--json', '-C', world.repository.root),
    cwd: world.dir,
    env: world.environment,
    timeout: minutes(2),
  })
  if (result.exitCode === 0) return null
  const span = { from, to: performance.now() }
  const told = ErrorResponse.safeParse(parseJson(result.stdout))
  if (!told.success)
    return { code: `exit ${result.exitCode ?? result.signal}`, message: result.stderr.trim().slice(0, 300), pid: null, ...span }
  const { code, message, data } = told.data.error
  return { code, message, pid: typeof data['pid'] === 'number' ? data['pid'] : null, ...span }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
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
