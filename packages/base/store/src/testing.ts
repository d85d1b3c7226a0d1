import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@coxswain/host'
import { silentLogger } from '@coxswain/kernel'
import type { Actor, RunEvent, RunId, TaskId } from '@coxswain/model'
import { openStore, type Store, type StoreOptions } from './open-store.ts'
import type { NewRun } from './runs.ts'
import type { NewTask } from './tasks.ts'
import { ownerRole } from './postgres/cluster-access.ts'
import { ensurePasswords } from './postgres/passwords.ts'
import { readPostmaster } from './postgres/postmaster.ts'
import { startEmbeddedPostgres } from './postgres/start-embedded-postgres.ts'

export { startOldCluster } from './postgres/testing/start-old-cluster.ts'

/** A real server in a folder of the temp directory, for one test file. */
export interface TestPostgres extends AsyncDisposable {
  readonly url: string
  /** Of the role that may make databases, and reach every one. */
  readonly ownerUrl: string
  readonly dataDir: string
  /** Ends the server as a crash does: no warning, nothing tidied up. */
  kill(): void
  /** Starts it again after it was killed. */
  restart(): Promise<void>
}

export async function startTestPostgres(): Promise<TestPostgres> {
  const dataDir = await mkdtemp(join(tmpdir(), 'cox-db-'))
  const start = () => startEmbeddedPostgres({ dataDir, signal: new AbortController().signal })
  const { url } = await start()
  const ownerUrl = new URL(url)
  ownerUrl.username = ownerRole
  ownerUrl.password = (await ensurePasswords(dataDir)).owner
  return {
    url,
    ownerUrl: ownerUrl.href,
    dataDir,
    kill: () => killPostmaster(dataDir),
    restart: async () => void (await start()),
    [Symbol.asyncDispose]: async () => {
      // Adopted or started anew: either way there is one to stop, and its leftovers are gone with it.
      await (await start()).stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** Who asks in tests. */
export const ann: Actor = { kind: 'person', name: 'ann' }

/** A store of a repository that nobody else uses, unless one is named. */
export function openTestStore(url: string, options: Partial<StoreOptions> = {}): Promise<Store> {
  return openStore({ url, repository: randomUUID(), workerId: 'w1', clock: systemClock, logger: silentLogger, ...options })
}

function killPostmaster(dataDir: string): void {
  const postmaster = readPostmaster(join(dataDir, 'cluster'))
  if (postmaster !== null) process.kill(postmaster.pid, 'SIGKILL')
}

const branch = (id: RunId): string => `coxswain/${id}`
const noLimits = { tokens: null, usd: null, timeMs: null }

export function newTask(changes: Partial<NewTask> = {}): NewTask {
  return {
    text: 'Do it',
    title: 'Do it',
    priority: 100,
    package: null,
    agent: null,
    budget: noLimits,
    mayLand: false,
    origin: 'cli',
    ...changes,
  }
}

export function newRun(task: TaskId, changes: Partial<NewRun> = {}): NewRun {
  return {
    task,
    agent: 'codex',
    model: null,
    budget: noLimits,
    mayLand: false,
    priority: 100,
    branch,
    progress: null,
    ...changes,
  }
}

/** An event that moves nothing. */
export function sampleEvent(reason: string, data: Readonly<Record<string, unknown>> = {}): RunEvent {
  return { name: 'run-waiting', data: { ...data, reason } }
}
