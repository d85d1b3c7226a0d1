import { accessSync, constants, existsSync, mkdirSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import { CoxError, errorMessage } from '@coxswain/kernel'
import type { Repository } from '../git/repository.ts'
import { isSamePlace, keepRepositoryId, placeOf, readRepositoryId } from '../git/repository-id.ts'
import { ownerFile, readOwner, writeOwner } from './state-owner.ts'

/** Where a repository's runtime state lives on this machine, outside the repository. */
export interface StateFolder {
  /** The repository's own: it stays when that is moved, and each copy has another. */
  readonly id: string
  /** What the repository was copied from, where it has an identity of its own since. */
  readonly copyOf: string | null
  readonly gitDir: string
  readonly root: string
  readonly runs: string
  readonly worktrees: string
  readonly postgres: string
  readonly address: string
  readonly log: string
}

/** `$COXSWAIN_STATE_DIR`, else `$XDG_STATE_HOME/coxswain`, else `~/.local/state/coxswain`; one folder a repository. @throws CoxError REPOSITORY_ADOPTED */
export function stateFolder(repository: Identified, env: Readonly<Record<string, string>>): StateFolder {
  const folder = formerStateFolder(repository, env)
  refuseAdopted(folder)
  return folder
}

function refuseAdopted({ root, id, gitDir }: StateFolder): void {
  const owner = readOwner(root)
  if (owner?.isAdopted !== true || isSamePlace(owner, placeOf(gitDir))) return
  throw new CoxError('REPOSITORY_ADOPTED', `What was done in ${gitDir} goes on in ${owner.path} alone, which has adopted it`, {
    hint: 'Work there. A copy or clone of this one begins anew; `cox adopt --force` here takes it back.',
    data: { id, here: gitDir, there: owner.path },
  })
}

type Identified = Pick<Repository, 'root' | 'gitDir' | 'pathId'>

/** The same, also where another repository has adopted it since. */
export function formerStateFolder(repository: Identified, env: Readonly<Record<string, string>>): StateFolder {
  const base = stateBase(env)
  const { id, copyOf } = readRepositoryId(repository, (pathId) => isOfEarlierVersion(join(base, pathId)))
  return { ...stateAt(join(base, id), repository.gitDir), copyOf }
}

/** Of the repository that is no copy; its folder is named by its id. */
export function stateAt(root: string, gitDir: string): StateFolder {
  return {
    id: basename(root),
    copyOf: null,
    gitDir,
    root,
    runs: join(root, 'runs'),
    worktrees: join(root, 'worktrees'),
    postgres: join(root, 'postgres'),
    address: join(root, 'daemon.json'),
    log: join(root, 'daemon.log'),
  }
}

/** The one folder of all repositories. */
export function stateBase(env: Readonly<Record<string, string>>): string {
  const own = env['COXSWAIN_STATE_DIR'] ?? ''
  if (own !== '') return resolve(own)
  const shared = env['XDG_STATE_HOME'] ?? ''
  // A relative one is to be ignored, says the XDG specification.
  return join(isAbsolute(shared) ? shared : join(env['HOME'] ?? '/', '.local/state'), 'coxswain')
}

/** @throws CoxError STATE_FOLDER_UNUSABLE, REPOSITORY_ADOPTED */
export function ensureStateFolder(folder: StateFolder): void {
  refuseAdopted(folder)
  try {
    makeFolder(folder.runs)
    accessSync(folder.root, constants.W_OK)
    keepRepositoryId(folder, folder)
    tellOwner(folder)
  } catch (error) {
    throw new CoxError('STATE_FOLDER_UNUSABLE', `Coxswain cannot keep its state in ${folder.root}: ${errorMessage(error)}`, {
      hint: 'Make that folder writable, or name another one with COXSWAIN_STATE_DIR.',
      cause: error,
    })
  }
}

function tellOwner({ root, id, gitDir }: StateFolder): void {
  const [known, place] = [readOwner(root), placeOf(gitDir)]
  if (JSON.stringify({ ...known, ...place }) !== JSON.stringify(known)) writeOwner(root, { ...known, id, ...place })
}

/** Earlier versions told nobody whose it is but by its name. */
function isOfEarlierVersion(root: string): boolean {
  return existsSync(join(root, 'runs')) && !existsSync(ownerFile(root))
}

/** One by one: below /proc the recursive form never comes back. */
function makeFolder(path: string): void {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    if (!existsSync(path)) throw error // otherwise somebody else was faster
  }
}
