import { AsyncLocalStorage } from 'node:async_hooks'
import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { proposeToolchain } from '@coxswain/adoption'
import type { AgentBackend, AgentSession } from '@coxswain/agents'
import { openGates, type Gates, type GateCache } from '@coxswain/gates'
import { runCommand, systemClock, type Repository } from '@coxswain/host'
import { isCoxError, minutes, type Logger } from '@coxswain/kernel'
import type { GateResult, HarnessConfig, RunId } from '@coxswain/model'
import { openBaseJudgements, type LandRequest, type RunJournal, type RunServices, type WorktreePool } from '@coxswain/runs'
import type { Store } from '@coxswain/store'
import { agentEnvironment, createBackend, gateEnvironment, setupEnvironment } from './backends.ts'
import { type Containment, type Containments } from './containment.ts'
import { rememberServices, type Harnesses } from './harnesses.ts'
import type { Holding } from './holdings.ts'
import { landInLane } from './land-in-lane.ts'
import type { LiveConfig } from './live-config.ts'
import type { RunControls } from './run-controls.ts'
import { createRunJournal } from './run-journal.ts'
import { unbound, underClaim, type GateRecords } from './under-claim.ts'
import type { StateFolder } from '@coxswain/host'

export interface RunServicesOptions {
  readonly repository: Repository
  readonly config: LiveConfig
  readonly harnesses: Harnesses
  readonly branch: string
  readonly folder: StateFolder
  readonly store: Store
  readonly pool: WorktreePool
  readonly controls: RunControls
  readonly sessions: Map<string, AgentSession>
  readonly places: RunServices['places']
  /** The gates were seen to pass on the branch. */
  readonly onGreen: () => void
  readonly openDoor: RunServices['openDoor']
  readonly environment: Environment
  readonly containments: Containments
  /** The command line of `cox`, where it is known. */
  readonly cox: readonly string[] | null
  readonly logger: Logger
}

type Environment = Readonly<Record<string, string>>

interface Services extends RunServices {
  readonly warnings: readonly string[]
  readonly gates: Gates
  /** What a run gets: all that it writes, starts and lands is under this claim. */
  heldBy(holding: Holding): RunServices
  close(): Promise<void>
}

/** Everything a run needs from outside its room; `warnings` are for the person who starts the daemon. */
export async function createRunServices(options: RunServicesOptions): Promise<Services> {
  const { repository, config, branch, folder, store, pool, controls, sessions, environment, containments, logger } = options
  const tools = gateEnvironment(environment)
  const records: GateRecords = new AsyncLocalStorage()
  const gatesUnder = openGatesOf(containments, { tools, records }, options)
  const make = async (harness: HarnessConfig): Promise<RunServices> => {
    const containment = await containments.under(harness)
    return {
      ...shared,
      config: harness,
      isContained: containment.isContained,
      gates: await gatesUnder(harness),
      backend: createBackends(harness, environment),
      agentEnvironment: (name) => agentEnvironment(name, harness, environment),
      shrinkBaseline: (place) => shrinkBaseline(place, { ...options, tools, containment }),
    }
  }
  const journal = (of: Store): RunJournal => createRunJournal(of, { now: systemClock.now, onGreen: options.onGreen })
  const shared = {
    repository,
    runsDir: folder.runs,
    harnesses: options.harnesses,
    under: rememberServices(null, make),
    branch,
    pool,
    hold: unbound,
    journal: journal(store),
    baseJudgements: openBaseJudgements(),
    openDoor: options.openDoor,
    land: (request: LandRequest) => landInLane(request, null, options),
    control: (run: RunId) => controls.open(run),
    sessions,
    places: options.places,
    clock: systemClock,
    logger,
  }
  const { warnings } = await containments.under(config.current)
  const services = await make(config.current)
  return {
    ...services,
    gates: await gatesUnder(config.current),
    heldBy: (holding) => underClaim(services, holding, { store, repository, records, journal }),
    close: () => containments.close(),
    warnings: [...warnings, ...(await superuserWarning(store))],
  }
}

/** The gates of each harness: what they remember of trees is one. */
function openGatesOf(
  containments: Containments,
  { tools, records }: { readonly tools: Environment; readonly records: GateRecords },
  { repository, folder, store, environment, logger }: RunServicesOptions,
): (harness: HarnessConfig) => Promise<Gates> {
  const cache = rememberPassed(store.gateCache, records)
  return rememberServices(['setup', 'cache', 'sandbox', 'readable'], async (harness) =>
    openGates({
      repository,
      state: folder.root,
      config: () => harness,
      setupEnvironment: (trust) => setupEnvironment(harness, environment, trust),
      gateEnvironment: tools,
      containment: await containments.under(harness),
      cache,
      proposeSetUp: async () => (await proposeToolchain(repository.root)).setup?.command ?? null,
      exclusively: (name, body, signal) => exclusively(store, name, { body, signal }),
      now: systemClock.now,
      logger,
    }),
  )
}

async function superuserWarning(store: Store): Promise<readonly string[]> {
  const { name, isSuperuser } = await store.role()
  return isSuperuser
    ? [
        `The database role "${name}" of COXSWAIN_DATABASE_URL is a superuser: a leak of its password gives away the database's whole machine. Use a role that owns its database and has no other right.`,
      ]
    : []
}

/** As a lease, like the lane: one that is cut off from the database in the middle of a set-up does not hold up the others. */
async function exclusively<T>(
  { lanes }: Store,
  name: string,
  { body, signal }: { readonly body: (signal: AbortSignal) => Promise<T>; readonly signal: AbortSignal },
): Promise<T> {
  for (;;) {
    try {
      return await lanes.within(`${hostname()} ${name}`, (lane) => body(lane.signal), signal)
    } catch (error) {
      if (!isCoxError(error, 'LANE_LOST')) throw error
    }
  }
}

const mostRemembered = 1_000

/** Each run asks what its base has passed, mostly that which landed last: an answer once heard is not asked of the database again. */
function rememberPassed(cache: Store['gateCache'], records: GateRecords): GateCache {
  const passed = new Map<string, GateResult>()
  const remember = (key: string, result: GateResult | null): void => {
    if (passed.size >= mostRemembered) passed.clear()
    if (result?.verdict === 'passed') passed.set(key, result)
  }
  return {
    get: async (gate, tree) => {
      const key = `${gate} ${tree}`
      const known = passed.get(key) ?? (await cache.get({ gate, tree }))
      remember(key, known)
      return known
    },
    put: async (gate, tree, result) => {
      await (records.getStore()?.gateCache ?? cache).put({ gate, tree }, result)
      remember(`${gate} ${tree}`, result)
    },
  }
}

/** One backend a name. */
function createBackends(harness: HarnessConfig, environment: Environment): (name: string) => AgentBackend {
  const made = new Map<string, AgentBackend>()
  return (name) => {
    const backend = made.get(name) ?? createBackend(name, harness, environment)
    made.set(name, backend)
    return backend
  }
}

/** By our own command, contained like a gate: what it reads was written by an agent. */
async function shrinkBaseline(
  { worktree, rule, signal }: Parameters<RunServices['shrinkBaseline']>[0],
  { cox, tools, containment, logger }: RunServicesOptions & { readonly tools: Environment; readonly containment: Containment },
): Promise<void> {
  if (cox === null || !existsSync(join(worktree, 'harness/baseline'))) return
  const check = [...cox, 'check', '-C', worktree, '--update-baseline', '--rule', rule]
  const place = { cwd: worktree, worktree, writable: [], readable: [], overlays: [], network: 'none' } as const
  const command = await containment.contain(check, place)
  const { exitCode, stderr } = await runCommand({ command, cwd: worktree, env: tools, timeout: minutes(5), signal })
  // 1: findings are left, which is no concern of the baseline.
  if (exitCode !== 0 && exitCode !== 1)
    logger.warn('the baseline stays as it is', { rule, exitCode, stderr: stderr.slice(-1_000) })
}
