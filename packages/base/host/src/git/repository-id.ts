import { createHash, randomUUID } from 'node:crypto'
import { chownSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { basename, join } from 'node:path'
import { replaceFile } from '../files/replace-file.ts'
import type { Repository } from './repository.ts'

/** A git folder by what stays when it is moved, and differs in each copy. */
export interface Place {
  readonly path: string
  readonly device: string
  readonly inode: string
}

export interface RepositoryId {
  readonly id: string
  /** The repository that this one was copied from with its git folder, where that says so. */
  readonly copyOf: string | null
}

/** `path`: where the git folder was when this was written. */
export interface Kept extends Place {
  readonly version: 1
  readonly id: string
  readonly copyOf: string | null
  /** Of a state folder: where the history begins. */
  readonly roots?: readonly string[]
  /** Of a state folder: it came from another git folder, which must not go on with it. */
  readonly isAdopted?: boolean
}

/** It becomes the name of a folder. */
const idForm = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,79}$/

/**
 * Each identity is a file of its own in the git folder, named by the place it is of: a copy brings along those of its original, and none of its
 * own. Of a git folder without one: the id under which an earlier version, which went by the path, keeps state; else one made of its place.
 */
export function readRepositoryId(
  repository: Pick<Repository, 'root' | 'gitDir' | 'pathId'>,
  hasStateOf: (pathId: string) => boolean,
): RepositoryId {
  const place = placeOf(repository.gitDir)
  const all = readAll(repository.gitDir)
  const own = all.find((kept) => isOf(kept, place)) ?? all.find((kept) => isSamePlace(kept, place))
  if (own !== undefined) return { id: own.id, copyOf: own.copyOf }
  const copyOf = all[0]?.id ?? null
  const isAdopted = copyOf === null && hasStateOf(repository.pathId)
  return { id: isAdopted ? repository.pathId : madeOf(repository, place), copyOf }
}

/** Writes it down, where that is possible; two that come at once find the same. `replaces`: whatever it was before. */
export function keepRepositoryId({ gitDir }: Pick<Repository, 'gitDir'>, { id, copyOf }: RepositoryId, replaces = false): void {
  const place = placeOf(gitDir)
  const folder = join(gitDir, folderName)
  const kept: Kept = { version: 1, id, copyOf, ...place }
  try {
    const isNew = mkdirSync(folder, { recursive: true }) !== undefined
    const file = join(folder, `id-${place.device}-${place.inode}`)
    const write = replaces ? replaceFile : createWhole
    write(file, `${JSON.stringify(kept)}\n`)
    giveToOwner(gitDir, isNew ? [folder, file] : [file])
  } catch (error) {
    // It was there already, or nothing can be written: then the place tells the same id again.
    if (!hasCode(error, ['EEXIST', 'EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR', 'ENOTSUP'])) throw error
  }
}

/** Nobody ever reads a part of it. @throws EEXIST */
function createWhole(file: string, content: string): void {
  const staging = `${file}.${randomUUID()}.tmp`
  writeFileSync(staging, content)
  try {
    linkSync(staging, file)
  } finally {
    rmSync(staging, { force: true })
  }
}

/** What every machine can see of where the git folder is. */
export function placeOf(gitDir: string): Place {
  const { dev, ino } = statSync(gitDir, { bigint: true })
  return { path: gitDir, device: String(dev), inode: String(ino) }
}

const folderName = 'coxswain'

function readAll(gitDir: string): Kept[] {
  const folder = join(gitDir, folderName)
  const names = listIfThere(folder).filter((name) => /^id-\d+-\d+$/.test(name))
  return names.toSorted().flatMap((name) => {
    const kept = readKept(join(folder, name))
    return kept === null ? [] : [kept]
  })
}

/** Null where nothing, or nothing of ours, stands there. */
export function readKept(file: string): Kept | null {
  const value = parseOrNull(file)
  if (typeof value !== 'object' || value === null) return null
  const { version, id, path, device, inode, copyOf, roots, isAdopted }: Partial<Record<keyof Kept, unknown>> = value
  if (version !== 1 || typeof id !== 'string' || !idForm.test(id)) return null
  if (typeof path !== 'string' || typeof device !== 'string' || typeof inode !== 'string') return null
  const original = typeof copyOf === 'string' && idForm.test(copyOf) ? copyOf : null
  const known = Array.isArray(roots) ? { roots: roots.filter((commit) => typeof commit === 'string') } : {}
  return { version, id, path, device, inode, copyOf: original, ...known, ...(isAdopted === true ? { isAdopted } : {}) }
}

function isOf(kept: Place, place: Place): boolean {
  return kept.inode === place.inode && kept.device === place.device
}

/** The numbers of devices change with the order in which they are found: what is still where it was is the same. */
export function isSamePlace(kept: Place, place: Place): boolean {
  return isOf(kept, place) || (kept.inode === place.inode && kept.path === place.path)
}

function madeOf({ root, gitDir }: Pick<Repository, 'root' | 'gitDir'>, { device, inode }: Place): string {
  const name = basename(root)
    .replaceAll(/[^A-Za-z0-9_-]+/g, '-')
    .slice(0, 40)
  const { birthtimeNs } = statSync(gitDir, { bigint: true })
  const hash = createHash('sha256').update(`${hostname()} ${device} ${inode} ${birthtimeNs}`).digest('hex')
  return `${name}-${hash.slice(0, 10)}`
}

/** What root leaves in a person's repository is that person's. */
function giveToOwner(gitDir: string, paths: readonly string[]): void {
  const { uid, gid } = statSync(gitDir)
  if (process.getuid?.() !== 0 || uid === 0) return
  for (const path of paths) chownSync(path, uid, gid)
}

function listIfThere(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (!hasCode(error, ['ENOENT', 'ENOTDIR', 'EACCES'])) throw error
    return []
  }
}

function parseOrNull(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return null // damaged: it names no repository
  }
}

function hasCode(error: unknown, codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}
