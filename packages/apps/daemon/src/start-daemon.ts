import { hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import type { AgentSession } from '@coxswain/agents'
import { createEngine, type Engine } from '@coxswain/engine'
import {
  ensureStateFolder,
  openRepository,
  readEnvironment,
  startCommandServer,
  stateFolder,
  stopDetachedBelow,
  systemClock,
  waitForOrphans,
  type Repository,
  type StateFolder,
} from '@coxswain/host'
import { errorMessage, isCoxError, type Logger } from '@coxswain/kernel'
import type { RunId } from '@coxswain/model'
import { endWork, openWorktreePool, runLeg, type LegInput, type RunServices, type WorktreePool } from '@coxswain/runs'
import { clearSpecialFiles } from '@coxswain/sandbox'
import { openStore, type Store } from '@coxswain/store'
import { createConnections } from './connections.ts'
import { withContainedDrivers } from './contained-repository.ts'
import { openContainments } from './containment.ts'
import { createLogger } from './create-logger.ts'
import { holdDaemonLock, type DaemonLock } from './daemon-lock.ts'
import { ownPlace, requireHere, requireOwn } from './elsewhere.ts'
import { createHoldings, notHeld, type Holdings } from './holdings.ts'
import { adoptionNotice, rootsOf } from './former-states.ts'
import { launchEngine } from './launch-engine.ts'
import { openHarnesses, type Harnesses } from './harnesses.ts'
import { createLiveConfig, type LiveConfig } from './live-config.ts'
import { newToken } from './http/credentials.ts'
import type { DaemonContext } from './http/daemon-context.ts'
import { createRunDoors } from './http/run-doors.ts'
import { serve } from './http/serve.ts'
import { repairWorktrees } from './repair-worktrees.ts'
import { createRedBacklog } from './red-backlog.ts'
import { openDatabase, type DatabaseHandle } from './open-database.ts'
import { readGround, type Ground } from './read-ground.ts'
import { createRunControls, watchInterventions, type RunControls } from './run-controls.ts'
import { createRunServices } from './run-services.ts'
import { createPlaces } from './places.ts'
import { startScheduler, type Scheduler } from './scheduler.ts'
import { tidyUp } from './tidy-up.ts'
import { version } from './version.ts'
import { keepWatch } from './watchdog.ts'

export interface DaemonOptions {
  readonly folder: string
  /** `daemon`: the repository's one server. `ephemeral`: the same, until nobody needs it. `worker`: runs work only, beside a daemon. */
  readonly role: 'daemon' | 'ephemeral' | 'worker'
  /** Names this worker; default: the host's name and the role. */
  readonly worker?: string
  /** The command line of `cox`: campaigns ask it about the baseline. */
  readonly cox?: readonly string[]
}

export interface Daemon {
  readonly url: string | null
  readonly stateRoot: string
  /** Resolves when somebody asked it to end, or an ephemeral one is needed no more. */
  readonly finished: Promise<void>
  /** Ends in steps: no new work, legs let go, agents ended, database stopped. */
  close(): Promise<void>
}

/** Workflows of another version are never run: it changes only when the run leg can no longer go on with old ones. */
const workflowVersion = 'legs-1'

/** Wires the rooms for one repository and serves its protocol. @throws CoxError DAEMON_RUNNING, NOT_A_REPOSITORY, CONFIG_*, DATABASE_* */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const environment = readEnvironment()
  const repository = await openRepository(options.folder)
  // One that serves a single command may have to tell what was, where nothing can be done.
  const ground = await readGround(repository, { isLenient: options.role === 'ephemeral' })
  const folder = stateFolder(repository, environment)
  ensureStateFolder(folder)
  const logger = createLogger(folder.log)
  const cleanup = new AsyncDisposableStack()
  cleanup.use(startCommandServer())
  let database: DatabaseHandle | null = null
  try {
    database = await openDatabase(folder, environment, options.role, cleanup)
    const worker = options.worker ?? `${hostname()}-${options.role === 'ephemeral' ? `cli-${process.pid}` : options.role}`
    const store = await openStore({
      url: database.url,
      repository: folder.id,
      workerId: worker,
      clock: systemClock,
      logger,
      ...(database.revive === null ? {} : { revive: database.revive }),
    })
    cleanup.defer(() => store.close())
    const isShared = (environment['COXSWAIN_DATABASE_URL'] ?? '') !== ''
    const kin = await requireHere({ store, repository, folder, role: options.role, isShared })
    const lock = options.role === 'worker' ? null : await holdDaemonLock(store, folder)
    cleanup.defer(async () => lock?.release())
    const former = await adoptionNotice({ repository, folder, environment })
    return await wire({
      lock,
      kin,
      former,
      options,
      repository,
      ...ground,
      folder,
      logger,
      store,
      databaseUrl: database.url,
      worker,
      environment,
      cleanup,
    })
  } catch (error) {
    // Whoever is refused leaves the database to the one that serves.
    if (database !== null && isCoxError(error, 'DAEMON_RUNNING')) database.leave = true
    await cleanup.disposeAsync()
    throw error
  }
}

interface Parts extends Ground {
  readonly options: DaemonOptions
  readonly repository: Repository
  readonly folder: StateFolder
  readonly logger: Logger
  readonly store: Store
  readonly lock: DaemonLock | null
  /** What to know of other clones in the same database. */
  readonly kin: readonly string[]
  /** What to know of a history that may be this repository's. */
  readonly former: string | null
  readonly databaseUrl: string
  readonly worker: string
  readonly environment: Readonly<Record<string, string>>
  readonly cleanup: AsyncDisposableStack
}

async function wire(parts: Parts): Promise<Daemon> {
  const { options, repository, folder, logger, store, worker, cleanup } = parts
  const stopping = new AbortController()
  const finish = Promise.withResolvers<void>()
  const work = await startWork(parts)
  const { engine, controls, scheduler, holdings } = work
  const background = [
    watchInterventions(controls, { store, logger, signal: stopping.signal }),
    keepWatch({
      store,
      engine,
      holdings,
      place: ownPlace(parts.folder),
      logger,
      signal: stopping.signal,
      mayTakeOver: () => scheduler.isWanted(),
      onTakenOver: () => scheduler.takeUp(),
    }),
    store.events.onWork(() => scheduler.wake(), stopping.signal),
    holdings.guard(stopping.signal),
    // For a repository that may one day be asked whether it is this one.
    rootsOf(repository, folder, stopping.signal).catch(() => []), // the next start tries again
  ].map((task) => task.catch((error: unknown) => logger.error('a background task ended', { error: errorMessage(error) })))
  cleanup.defer(async () => {
    stopping.abort(new Error('the daemon stops'))
    await Promise.all(background)
    await leave(store).catch(() => {}) // the database may be gone already
  })
  const context = contextOf(parts, work, { stopping: stopping.signal, finish: finish.resolve })
  work.serveRuns(context)
  const url = options.role === 'worker' ? null : await serve({ context, cleanup })
  cleanup.defer(() => stopping.abort(new Error('the daemon stops')))
  logger.info('daemon started', { role: options.role, worker, pid: process.pid, url, repository: repository.root })
  return { url, stateRoot: folder.root, finished: finish.promise, close: () => cleanup.disposeAsync() }
}

/** Who still holds runs stays on the list, so that whoever is asked about one of them sees that its holder is gone, and takes it over. */
async function leave(store: Store): Promise<void> {
  if ((await store.claims.list()).length === 0) await store.workers.remove(store.workerId)
}

interface Work {
  readonly engine: Engine
  readonly controls: RunControls
  readonly holdings: Holdings
  readonly scheduler: Scheduler
  readonly config: LiveConfig
  readonly harnesses: Harnesses
  readonly services: Awaited<ReturnType<typeof createRunServices>>
  readonly pool: WorktreePool
  /** Answers the agents of runs, which may ask before the daemon serves. */
  serveRuns(context: DaemonContext): void
}

function openEngine({ databaseUrl: url, folder, worker, logger }: Parts): Promise<Engine> {
  return createEngine({ url, repository: folder.id, worker, version: workflowVersion, clock: systemClock, logger })
}

/** Engine, services and scheduler: from here on runs go on. */
async function startWork(parts: Parts): Promise<Work> {
  const { options, branch, folder, logger, store, environment, cleanup } = parts
  const config = await createLiveConfig(parts.repository.root, parts.config, logger)
  const containments = openContainments({ folder, environment })
  const repository = withContainedDrivers(parts.repository, { containments, config, folder })
  const sessions = new Map<string, AgentSession>()
  const holdings = createHoldings()
  const pool = openWorktreePool(repository, folder.worktrees, clearSpecialFiles)
  const engine = await openEngine(parts)
  const end = (run: RunId): Promise<readonly number[]> => endWork(run, { sessions, runsDir: folder.runs, logger })
  const controls = createRunControls({ store, logger, onQueued: () => scheduler.wake(), endWork: end })
  const places = createPlaces(config, () => scheduler.wake())
  const context = Promise.withResolvers<DaemonContext>()
  const doors = createRunDoors(context.promise, logger)
  cleanup.defer(() => doors.closeAll())
  const hands = { store, pool, controls, sessions, places, openDoor: doors.open, onGreen: () => backlog.look() }
  const harnesses = openHarnesses(repository, config)
  const place = { repository, config, harnesses, branch, folder, environment, containments, cox: options.cox ?? null, logger }
  const services = await createRunServices({ ...place, ...hands })
  cleanup.defer(() => services.close())
  const backlog = createRedBacklog({ store, services, onQueued: () => scheduler.wake(), logger })
  engine.register<LegInput, void>('leg', (leg, input) =>
    runLeg(leg, input, services.heldBy(holdings.of(input.run) ?? notHeld(input.run))),
  )
  await goOn(parts, { engine, holdings, pool, services })
  cleanup.defer(() => shutEngine(engine, services, { folder, mayStop: () => options.role !== 'worker' && scheduler.isWanted() }))
  const scheduler = startScheduler({
    store,
    engine,
    holdings,
    config,
    places,
    isEphemeral: options.role === 'ephemeral',
    onRest: async (run) => {
      await doors.close(run)
      await controls.deliver(run)
      backlog.look()
    },
    endWork: end,
    now: systemClock.now,
    logger,
  })
  cleanup.defer(() => backlog.stop())
  cleanup.defer(() => scheduler.stop())
  // Not because somebody looks: a command alone sets nothing going.
  if (options.role !== 'ephemeral') backlog.look()
  return { engine, controls, holdings, scheduler, config, harnesses, services, pool, serveRuns: context.resolve }
}

/** From here on this worker goes on with what it held. */
async function goOn(
  { store, options, lock, repository, folder, environment }: Parts,
  { engine, holdings, pool, services }: Pick<Work, 'engine' | 'holdings' | 'pool' | 'services'>,
): Promise<void> {
  // A worker that dies before its first heartbeat would hold its runs for ever.
  const sentAt = performance.now()
  await store.workers.heartbeat({ host: hostname(), pid: process.pid, place: ownPlace(folder) })
  holdings.renewed(sentAt)
  requireOwn(repository, folder, environment)
  // What an earlier life still has on its way counts for nothing from here on.
  for (const claim of await store.claims.renew()) holdings.take(claim)
  await waitForOrphans(systemClock)
  await repairWorktrees(repository, folder.root)
  if (options.role !== 'worker') await tidyUp({ store, pool, services })
  await launchEngine(engine, store)
  try {
    await lock?.ensure()
  } catch (error) {
    // What runs by now is another daemon's.
    await engine.shutdown()
    throw error
  }
}

interface Ending {
  readonly stopping: AbortSignal
  finish(): void
}

/** What every door works with; an ephemeral daemon also notices that nobody needs it any more. */
function contextOf(parts: Parts, work: Work, { stopping, finish }: Ending): DaemonContext {
  const { options, repository, branch, problem, folder, logger, store, worker, cleanup } = parts
  const { scheduler, controls, config, harnesses, services, pool } = work
  const isEphemeral = options.role === 'ephemeral'
  const connections = createConnections(isEphemeral ? () => scheduler.live.size === 0 : null, finish)
  cleanup.defer(() => connections.close())
  return {
    repository,
    branch,
    problem,
    branchProblem: parts.branchProblem,
    config,
    harnesses,
    folder,
    former: parts.former,
    store,
    scheduler,
    pool,
    controls,
    credentials: [
      { token: newToken(), actor: { kind: 'person', name: accountName() } },
      { token: newToken(), actor: { kind: 'worker', name: worker } },
    ],
    version,
    isEphemeral,
    startedAt: systemClock.now(),
    warnings: [...services.warnings, ...parts.kin],
    connections,
    logger,
    requestStop: finish,
    now: systemClock.now,
    stopping,
  }
}

/** A user id may have no account. */
function accountName(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}

async function shutEngine(
  engine: Engine,
  services: RunServices,
  { folder, mayStop }: { readonly folder: StateFolder; readonly mayStop: () => boolean },
): Promise<void> {
  await engine.shutdown()
  // Detached on purpose for a restart after a crash; an orderly end leaves nothing running but what was never ours.
  if (mayStop()) for (const place of [folder.runs, join(folder.root, 'set-ups')]) await stopDetachedBelow(place)
  else for (const session of services.sessions.values()) await session.close()
}
