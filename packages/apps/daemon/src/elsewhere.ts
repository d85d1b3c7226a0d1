import { hostname } from 'node:os'
import { placeOf, stateFolder, type Repository, type StateFolder } from '@coxswain/host'
import { CoxError } from '@coxswain/kernel'
import type { Store, WorkerPlace } from '@coxswain/store'
import { rootsOf } from './former-states.ts'
import { silence } from './watchdog.ts'
import { thisMachine } from './this-machine.ts'

/** The git folder of this process, and the machine it is on. */
export function ownPlace({ gitDir }: Pick<StateFolder, 'gitDir'>): WorkerPlace {
  return { machine: thisMachine(), ...placeOf(gitDir) }
}

interface Here {
  readonly store: Store
  readonly repository: Repository
  readonly folder: StateFolder
  readonly role: 'daemon' | 'ephemeral' | 'worker'
  /** Others may use the same database. */
  readonly isShared: boolean
}

/**
 * Workers of a repository share its one git folder, on one machine. Returns what a person should know of other clones in the same database.
 * @throws CoxError WORKER_ELSEWHERE, DAEMON_ELSEWHERE
 */
export async function requireHere({ store, repository, folder, role, isShared }: Here): Promise<readonly string[]> {
  const own = ownPlace(folder)
  const silent = new Set(await store.workers.dead(silence))
  const others = (await store.workers.list()).filter(({ id }) => id !== store.workerId && !silent.has(id))
  const foreign = others.find(({ place }) => place !== null && !isSame(place, own))
  if (foreign?.place != null) throw elsewhere(role, own, `${foreign.host}:${foreign.place.path}`)
  if (!isShared) return []
  const roots = await rootsOf(repository, folder)
  const [kin] = roots.length === 0 ? [] : await store.places.kin(roots)
  const isUnused = kin !== undefined && others.length === 0 && (await store.tasks.list()).length === 0
  if (kin !== undefined && isUnused && role === 'worker') throw elsewhere(role, own, `${kin.host}:${kin.gitDir}`)
  await store.places.announce({ host: hostname(), gitDir: folder.gitDir, roots: [...roots] })
  return kin === undefined || !isUnused
    ? []
    : [`The same database holds the runs of another clone, ${kin.host}:${kin.gitDir}: they are told and worked on there alone.`]
}

/** Its state may have gone to another git folder, or another's have come to this one, while it started. @throws CoxError REPOSITORY_ADOPTED */
export function requireOwn(repository: Repository, { id }: StateFolder, environment: Readonly<Record<string, string>>): void {
  if (stateFolder(repository, environment).id === id) return
  throw new CoxError('REPOSITORY_ADOPTED', 'This repository was given another history in this very moment', {
    hint: 'Run the same command again.',
  })
}

function isSame(place: WorkerPlace, own: WorkerPlace): boolean {
  return place.machine === own.machine && place.device === own.device && place.inode === own.inode
}

function elsewhere(role: Here['role'], { path }: WorkerPlace, there: string): CoxError {
  return role === 'worker'
    ? new CoxError(
        'WORKER_ELSEWHERE',
        `A worker needs the very git folder of the runs, which is ${there}; this one (${path}) is another`,
        {
          hint: 'Start the worker there. Many hosts on one repository are not supported; `cox up` here works on tasks of this clone alone.',
          data: { here: path, there },
        },
      )
    : new CoxError('DAEMON_ELSEWHERE', `This repository is worked on elsewhere, in ${there}, and by one machine at a time`, {
        hint: 'Ask there: `cox status`. Many hosts on one repository are not supported; a clone of its own has tasks of its own.',
        data: { here: path, there },
      })
}
