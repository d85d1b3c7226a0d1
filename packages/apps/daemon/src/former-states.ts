import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  isSamePlace,
  placeOf,
  readOwner,
  rootCommits,
  stateBase,
  stateAt,
  writeOwner,
  type Repository,
  type StateFolder,
  type StateOwner,
} from '@coxswain/host'

/** What the state folder knows of another repository. */
export interface FormerState {
  readonly folder: StateFolder
  readonly owner: StateOwner
  /** Its git folder stands where it was. */
  readonly isThere: boolean
  /** This very git folder was it before, or is to become it. */
  readonly isHere: boolean
  /** Why it may be this repository's; null where nothing says so. */
  readonly sign: 'begun' | 'copied' | 'same-root' | null
}

/** Which repository this is, and where it keeps its state. */
export interface Standing {
  readonly repository: Repository
  readonly folder: StateFolder
  readonly environment: Readonly<Record<string, string>>
}

/** Other repositories that the state folder knows and that have done something, by id. */
export async function readFormerStates({ repository, folder, environment }: Standing): Promise<FormerState[]> {
  const base = stateBase(environment)
  const here = placeOf(folder.gitDir)
  const found = listFolders(base).flatMap((id): FormerState[] => {
    const root = join(base, id)
    const owner = readOwner(root)
    const former = stateAt(root, owner?.path ?? '')
    if (owner === null || owner.id !== id || !hasHistory(former)) return []
    const isHere = isSamePlace(owner, here)
    if (isHere && id === folder.id) return []
    return [{ folder: former, owner, isHere, isThere: !isHere && isStanding(owner), sign: signOf(owner, { folder, isHere }) }]
  })
  const unsigned = found.some(({ owner, sign, isHere }) => sign === null && !isHere && owner.roots !== undefined)
  const roots = unsigned ? await rootsOf(repository, folder) : []
  return found.map((state) =>
    state.sign === null && !state.isHere && roots.some((root) => state.owner.roots?.includes(root))
      ? { ...state, sign: 'same-root' }
      : state,
  )
}

/** Those that this repository may be, moved: their own folder is gone. */
export function readAdoptable(states: readonly FormerState[]): FormerState[] {
  const signed = states.filter(({ sign, isThere }) => sign !== null && !isThere)
  const sure = signed.filter(({ sign }) => sign !== 'same-root')
  return sure.length > 0 ? sure : signed
}

/** What a person should know of a history that may be this repository's; null where this one has done something of its own. */
export async function adoptionNotice(standing: Standing): Promise<string | null> {
  if (listFolders(standing.folder.runs).length > 0) return null
  const [first, ...others] = readAdoptable(await readFormerStates(standing))
  if (first === undefined) return null
  const { folder, owner, sign } = first
  if (sign === 'begun')
    return `The adoption of ${folder.id} by this repository was cut short: \`cox adopt ${folder.id}\` ends it.`
  const why = sign === 'copied' ? 'this repository is a copy of it' : 'its history begins with the same commit'
  const more = others.length === 0 ? '' : ` (so may be ${others.map((other) => other.folder.id).join(', ')})`
  return `Coxswain knows ${folder.id}, which was in ${owner.path} and is gone from there; ${why}. If this is it, moved: \`cox adopt ${folder.id}\` brings its tasks and runs here${more}.`
}

/** Where the history begins, as it was once read: a large one takes seconds. */
export async function rootsOf(repository: Repository, folder: StateFolder, signal?: AbortSignal): Promise<readonly string[]> {
  const known = readOwner(folder.root)
  if (known?.roots !== undefined) return known.roots
  const roots = await rootCommits(repository.git, signal)
  const owner = readOwner(folder.root)
  // It may be another one's by now.
  if (owner !== null && roots.length > 0 && isSamePlace(owner, placeOf(folder.gitDir)))
    writeOwner(folder.root, { ...owner, roots })
  return roots
}

function signOf(
  owner: StateOwner,
  { folder, isHere }: { readonly folder: StateFolder; readonly isHere: boolean },
): FormerState['sign'] {
  // It says that it is this git folder's, and that does not know it yet.
  if (isHere) return owner.isAdopted === true ? 'begun' : null
  // The last: this repository's own, which another one has adopted.
  return folder.copyOf === owner.id || folder.id === owner.id ? 'copied' : null
}

function isStanding(owner: StateOwner): boolean {
  return existsSync(owner.path) && isSamePlace(owner, placeOf(owner.path))
}

function hasHistory({ runs, postgres }: StateFolder): boolean {
  return existsSync(postgres) || listFolders(runs).length > 0
}

function listFolders(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
  } catch {
    return [] // nothing was ever kept there, or nothing can be read
  }
}
