import { realpath } from 'node:fs/promises'
import { delimiter, dirname, isAbsolute, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findProgram } from '@coxswain/host'
import type { HiddenFolders } from './hidden-folders.ts'
import { allowedInHome, secretInHome } from './home-entries.ts'
import { isWithin } from './is-within.ts'
import { programRoot } from './program-root.ts'

interface ProgramsRequest {
  readonly command: readonly string[]
  /** Where the command's program is looked up. */
  readonly environment: Readonly<Record<string, string>>
  readonly folders: HiddenFolders
}

/**
 * What is brought back of hidden and private folders so that programs run: those on PATH, the command's own with its files, and ours with
 * the node that runs it.
 */
export async function shownPrograms({ command, environment, folders }: ProgramsRequest): Promise<string[]> {
  const [name = '', ...rest] = command
  const program = isAbsolute(name) ? name : await findProgram(name, environment)
  const onPath = (environment['PATH'] ?? '').split(delimiter).filter(isAbsolute)
  const programs = [program, process.execPath, fileURLToPath(import.meta.url)].filter((path) => path !== null)
  const roots = await Promise.all([
    // A folder of PATH stands for the programs in it.
    ...onPath.map((folder) => rootsOf(join(folder, 'program'), folders, folder)),
    ...programs.map((path) => rootsOf(path, folders)),
    ...rest.filter(isAbsolute).map((path) => (isSecret(path, folders) ? [] : rootsOf(path, folders))),
  ])
  return [...new Set(roots.flat())]
}

/** By the way it is named and by where it really is: a link in one folder may lead to another. */
async function rootsOf(program: string, folders: HiddenFolders, existing = program): Promise<string[]> {
  const real = await realpath(existing).catch(() => null)
  if (real === null) return []
  const realProgram = existing === program ? real : join(real, 'program')
  return [program, realProgram].flatMap((path) => rootIn(path, folders))
}

function rootIn(program: string, folders: HiddenFolders): string[] {
  const bases = [...folders.private, ...folders.hidden].filter((base) => isWithin(program, base) && program !== base)
  const base = bases.toSorted((left, right) => right.length - left.length)[0]
  if (base === undefined || isDriveOfWindows(program) || isAllowed(program, folders)) return []
  // Around what lies in our state there are other runs.
  if (folders.own.includes(base) && !program.includes('/node_modules/')) return []
  const root = programRoot(program, base)
  return [isSecret(root, folders) ? dirname(program) : root]
}

/** Its PATH comes along in Linux on Windows, and the person's home with it. */
function isDriveOfWindows(program: string): boolean {
  return /^\/mnt\/[a-z]\//.test(program)
}

/** There already, with what lies around it. */
function isAllowed(path: string, { homes }: HiddenFolders): boolean {
  return homes.some((home) => allowedInHome.some((entry) => isWithin(path, join(home, entry))))
}

function isSecret(path: string, { homes }: HiddenFolders): boolean {
  return homes.some((home) => secretInHome.some((secret) => isWithin(path, join(home, secret))))
}
