import { existsSync } from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'

/**
 * How much of a private or hidden folder `base` a program in it needs beside itself, such as the packages it imports: never `base` itself.
 * A folder of tools (`.nvm`) as a whole; of others the packages, the checkout, or what lies around `bin`.
 */
export function programRoot(program: string, base: string): string {
  const names = relative(base, program).split(sep)
  const [first = ''] = names
  const shared = sharedFolders.find((folder) => folder.every((name, index) => names[index] === name))
  if (shared !== undefined) return join(base, ...names.slice(0, Math.min(shared.length + 1, names.length)))
  if (first.startsWith('.')) return join(base, first)
  const packages = names.indexOf('node_modules')
  if (packages !== -1) return join(base, ...names.slice(0, packages + 1))
  const ancestors = names.slice(1).map((_, index) => join(base, ...names.slice(0, names.length - 1 - index)))
  return ancestors.find((folder) => existsSync(join(folder, '.git'))) ?? aroundBin(program, base)
}

/** Folders of many programs, each with one of its own below. */
const sharedFolders = ['.cache/coxswain', '.cache', '.config', '.local/share', '.local/state', '.local'].map((path) =>
  path.split('/'),
)

function aroundBin(program: string, base: string): string {
  const folder = dirname(program)
  if (folder === base) return program
  const around = dirname(folder)
  return /^s?bin$/.test(basename(folder)) && around !== base ? around : folder
}
