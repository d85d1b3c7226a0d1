import { accessSync, constants, existsSync } from 'node:fs'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import {
  formerStateFolder,
  identify,
  keepRepositoryId,
  openRepository,
  placeOf,
  readLive,
  readOwner,
  resolveCommit,
  stateBase,
  stopDetachedBelow,
  systemClock,
  writeOwner,
  type Repository,
  type StateFolder,
} from '@coxswain/host'
import { counted, CoxError, isCoxError } from '@coxswain/kernel'
import { isEnded, type Run } from '@coxswain/model'
import { DaemonAddress } from '@coxswain/protocol'
import { openStore, startEmbeddedPostgres, type Store } from '@coxswain/store'
import { createLogger } from './create-logger.ts'
import { holdDaemonLock } from './daemon-lock.ts'
import { readAdoptable, readFormerStates, type FormerState, type Standing } from './former-states.ts'
import { silence } from './watchdog.ts'

export interface AdoptOptions {
  /** In the repository that goes on. */
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  /** An id, or the folder where the former one was or is; null: the only one that it can be. */
  readonly former: string | null
  /** Takes it from a folder that is still there, from one that shares nothing, or in the place of a history of its own. */
  readonly isForced: boolean
}

export interface Adoption {
  readonly id: string
  readonly gitDir: string
  /** The git folder that it was in; null where it was this one's already. */
  readonly from: string | null
  readonly stateFolder: string
  readonly runs: number
  /** Runs that have not ended and whose work this repository lacks. */
  readonly lacking: readonly string[]
  /** What this repository kept before, and does not show any more. */
  readonly setAside: string | null
  /** The former folder is still there, and refused from now on. */
  readonly isRefusedThere: boolean
}

/**
 * From now on this repository is the one that the state folder knows under that id, and no other is. Killed at any point, the same call ends it.
 * @throws CoxError HISTORY_UNKNOWN, HISTORY_AMBIGUOUS, HISTORY_ELSEWHERE, HISTORY_UNRELATED, HISTORY_PRESENT, HISTORY_BUSY
 */
export async function adoptRepository({ folder: dir, environment, former, isForced }: AdoptOptions): Promise<Adoption> {
  const repository = await openRepository(dir)
  const standing = { repository, environment, folder: formerStateFolder(repository, environment) }
  const states = await readFormerStates(standing)
  const chosen = choose(states, former, standing)
  if (chosen === null) return standsAlready(standing)
  if (chosen.isThere && !isForced)
    throw new CoxError('HISTORY_ELSEWHERE', `${chosen.folder.id} is in ${chosen.owner.path} and can go on there`, {
      hint: `If it is to go on here alone: \`cox adopt ${chosen.folder.id} --force\`; what is there is refused from then on.`,
    })
  requireWritable(repository)
  await using cleanup = new AsyncDisposableStack()
  const left = cleanup.use(new AsyncDisposableStack())
  const setAside = await requireIdle(standing, chosen, { cleanup: left, isForced })
  const store = await openQuiet(chosen.folder, environment, cleanup)
  const runs = await store.runs.list()
  if (chosen.sign === null && !isForced && !(await sharesCommits(repository, runs)))
    throw new CoxError('HISTORY_UNRELATED', `${chosen.folder.id} and this repository have no commit in common that is known`, {
      hint: `If it is the same one all the same: \`cox adopt ${chosen.folder.id} --force\`.`,
    })
  await takeOwnership({ ...standing, left }, chosen, store)
  return {
    id: chosen.folder.id,
    gitDir: repository.gitDir,
    from: chosen.owner.path,
    stateFolder: chosen.folder.root,
    runs: runs.length,
    lacking: await lackingWork(repository, runs),
    setAside,
    isRefusedThere: chosen.isThere,
  }
}

/** Null where nothing is left to do. @throws CoxError HISTORY_UNKNOWN, HISTORY_AMBIGUOUS */
function choose(states: readonly FormerState[], former: string | null, { folder }: Standing): FormerState | null {
  const isNamed = ({ folder: { id }, owner }: FormerState): boolean =>
    former !== null && (id === former || [resolve(former), join(resolve(former), '.git')].includes(owner.path))
  const own = states.find((state) => state.folder.id === folder.id)
  const found = former !== null ? states.filter(isNamed) : own === undefined ? readAdoptable(states) : [own]
  const [first, second] = found
  if (first !== undefined && second === undefined) return first
  if (first !== undefined)
    throw new CoxError('HISTORY_AMBIGUOUS', `This repository may be any of ${listed(found)}`, {
      hint: 'Name one: `cox adopt <id>`.',
    })
  if (former === null || former === folder.id || resolve(former) === resolve(folder.gitDir, '..')) return null
  throw new CoxError('HISTORY_UNKNOWN', `The state folder knows no other repository "${former}" that has done something`, {
    hint:
      states.length === 0
        ? 'There is none at all: look whether COXSWAIN_STATE_DIR is the one of before.'
        : `It knows ${listed(states)}.`,
  })
}

function listed(states: readonly FormerState[]): string {
  return states.map(({ folder, owner }) => `${folder.id} (${owner.path})`).join(', ')
}

/** @throws CoxError HISTORY_UNKNOWN */
async function standsAlready({ repository, folder, environment }: Standing): Promise<Adoption> {
  const own = readOwner(folder.root)
  if (own?.isAdopted !== true)
    throw new CoxError('HISTORY_UNKNOWN', 'The state folder knows no history that could be this repository’s', {
      hint: `It looked in ${stateBase(environment)} for what this is a copy of, or has its first commit from, and is gone from where it was. Name another: \`cox adopt <id or folder>\`.`,
    })
  return {
    id: folder.id,
    gitDir: repository.gitDir,
    from: null,
    stateFolder: folder.root,
    runs: 0,
    lacking: [],
    setAside: null,
    isRefusedThere: false,
  }
}

/** Half of an adoption is of no use. @throws CoxError STATE_FOLDER_UNUSABLE */
function requireWritable({ gitDir }: Repository): void {
  try {
    accessSync(gitDir, constants.W_OK)
  } catch (error) {
    throw new CoxError('STATE_FOLDER_UNUSABLE', `${gitDir} cannot be written, where it is kept which repository this is`, {
      hint: 'Make that folder writable, and run the same command again.',
      cause: error,
    })
  }
}

interface Preparing {
  readonly cleanup: AsyncDisposableStack
  readonly isForced: boolean
}

/** Nothing works for either of the two. Returns the state folder that this repository leaves, where it has done something. @throws CoxError HISTORY_BUSY, HISTORY_PRESENT */
async function requireIdle(
  { folder: own, environment }: Standing,
  { folder: chosen, isThere }: FormerState,
  { cleanup, isForced }: Preparing,
): Promise<string | null> {
  for (const { address, id } of [chosen, own]) {
    const daemon = await readLive(address, DaemonAddress)
    if (daemon === null) continue
    const stop =
      id === own.id || isThere ? 'Stop it there with `cox down`' : `End it: \`kill ${daemon.pid}\`; its runs go on here`
    throw busy(`a daemon (${daemon.pid}) works for ${id}`, `${stop}.`)
  }
  if (own.id === chosen.id || !(existsSync(own.postgres) || sharedUrl(environment) !== null)) return null
  const tasks = await (await openQuiet(own, environment, cleanup)).tasks.list()
  if (tasks.length === 0) return null
  if (isForced) return own.root
  throw new CoxError(
    'HISTORY_PRESENT',
    `This repository has a history of its own by now, with ${counted(tasks.length, 'task')}`,
    {
      hint: `\`cox adopt ${chosen.id} --force\` sets it aside: it stays in ${own.root} and is not shown any more.`,
    },
  )
}

/** The records of a repository that no daemon serves, and none can until the cleanup. @throws CoxError HISTORY_BUSY, HISTORY_UNKNOWN */
async function openQuiet(
  folder: StateFolder,
  environment: Standing['environment'],
  cleanup: AsyncDisposableStack,
): Promise<Store> {
  const shared = sharedUrl(environment)
  if (shared === null && !existsSync(folder.postgres))
    throw new CoxError('HISTORY_UNKNOWN', `The tasks and runs of ${folder.id} are not in its state folder`, {
      hint: 'They were kept in a database of your own: set COXSWAIN_DATABASE_URL as it was then.',
    })
  const url = shared ?? (await startOwn(folder, cleanup))
  const logger = createLogger(folder.log)
  const workerId = `${hostname()}-adopt-${process.pid}`
  const store = await openStore({ url, repository: folder.id, workerId, clock: systemClock, logger })
  cleanup.defer(() => store.close())
  const lock = await holdDaemonLock(store, folder).catch((error: unknown) => {
    if (!isCoxError(error, 'DAEMON_RUNNING')) throw error
    throw busy(`a daemon works for ${folder.id}`, 'Stop it with `cox down`, then run the same command again.')
  })
  cleanup.defer(() => lock.release())
  await requireNoWorkers(store)
  return store
}

async function startOwn({ postgres: dataDir }: StateFolder, cleanup: AsyncDisposableStack): Promise<string> {
  const postgres = await startEmbeddedPostgres({ dataDir, signal: AbortSignal.timeout(180_000) })
  cleanup.defer(() => postgres.stop())
  return postgres.url
}

function sharedUrl(environment: Standing['environment']): string | null {
  const url = environment['COXSWAIN_DATABASE_URL'] ?? ''
  return url === '' ? null : url
}

/** @throws CoxError HISTORY_BUSY */
async function requireNoWorkers(store: Store): Promise<void> {
  const silent = new Set(await store.workers.dead(silence))
  const alive = (await store.workers.list()).find(
    ({ id, host, pid }) => id !== store.workerId && !silent.has(id) && (host !== hostname() || identify(pid) !== null),
  )
  if (alive !== undefined)
    throw busy(
      `the worker ${alive.id} (${alive.pid} on ${alive.host}) works for ${store.repository}`,
      'Stop it with Ctrl-C there, or end that process.',
    )
}

function busy(what: string, hint: string): CoxError {
  return new CoxError('HISTORY_BUSY', `It cannot be adopted while ${what}`, { hint })
}

/**
 * The state folder says first whose it is: from there on the former one is refused, and whoever reads that it is this one's can end what was begun. A worker
 * that starts tells that it lives and reads afterwards whose it is (`start-daemon.ts`): one of the two sees the other.
 */
async function takeOwnership(
  { repository, left }: Standing & { readonly left: AsyncDisposableStack },
  { folder, owner }: FormerState,
  store: Store,
): Promise<void> {
  for (const place of [folder.runs, join(folder.root, 'set-ups')]) await stopDetachedBelow(place)
  writeOwner(folder.root, { ...owner, ...placeOf(repository.gitDir), isAdopted: true })
  try {
    await requireNoWorkers(store)
  } catch (error) {
    writeOwner(folder.root, owner)
    throw error
  }
  // Once this repository has the other id, nothing ever looks after the server of its former one.
  await left.disposeAsync()
  keepRepositoryId(repository, { id: folder.id, copyOf: null }, true)
  const to = repository.gitDir
  await store.events.append([{ name: 'repository-adopted', data: { from: owner.path, to } }])
}

async function sharesCommits({ git }: Repository, runs: readonly Run[]): Promise<boolean> {
  for (const commit of new Set(runs.flatMap(({ base, landed }) => [landed, base])))
    if (commit !== null && (await resolveCommit(git, commit)) !== null) return true
  return false
}

async function lackingWork({ git }: Repository, runs: readonly Run[]): Promise<string[]> {
  const lacking: string[] = []
  for (const { id, state, head, base } of runs) {
    const commit = head ?? base
    if (!isEnded(state) && commit !== null && (await resolveCommit(git, commit)) === null) lacking.push(id)
  }
  return lacking
}
