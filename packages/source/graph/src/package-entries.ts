import type { FileFacts } from '@coxswain/facts'
import { findSource } from './find-source.ts'
import { joinPath } from './read-path-aliases.ts'
import { matchPattern } from './match-pattern.ts'
import type { PackageNode } from './workspace.ts'

type Facts = ReadonlyMap<string, FileFacts>

/** The file behind a package's bare name. */
export function findEntry(node: PackageNode, facts: Facts): string | null {
  const declared = strings(exportsAt(node.manifest.exports, '.'))
  const candidates = declared.length > 0 ? declared : node.manifest.entries.filter((entry) => !entry.includes('*'))
  const usual = findUsual(node, facts)
  for (const candidate of candidates) {
    const source = sourceOf(node, candidate, facts)
    if (source === null || source.endsWith('package.json')) continue
    if (!isWrapper(source, node)) return source
    if (usual !== null && isSource(usual)) return usual
    if (!isDeclaration(source)) return source
  }
  return usual === null || isDeclaration(usual) ? null : usual
}

function isDeclaration(path: string): boolean {
  return /\.d\.[cm]?ts$/.test(path)
}

function isSource(path: string): boolean {
  return /\.[cm]?tsx?$/.test(path) && !isDeclaration(path)
}

/** A script or declaration beside the manifest chooses between built files: the source is elsewhere. */
function isWrapper(path: string, node: PackageNode): boolean {
  return /^\/?[^/]+\.(?:d\.[cm]?ts|[cm]?js)$/.test(path.slice(node.dir.length))
}

function findUsual(node: PackageNode, facts: Facts): string | null {
  for (const path of usualEntries) {
    const found = findSource(joinPath(node.dir, path), facts)
    if (found !== null) return found
  }
  return null
}

const usualEntries = ['src/index', 'index', 'src/main', 'source/index', 'lib/index']

/** The file behind `name/rest`, when the package exports it. */
export function subpathFile(node: PackageNode, rest: string, facts: Facts): string | null {
  for (const target of strings(exportsAt(node.manifest.exports, `./${rest}`))) {
    const source = sourceOf(node, target, facts)
    if (source !== null) return source
  }
  return null
}

/** Whether `exports` names the subpath, even when its source cannot be found: built files are not in git. */
export function offersSubpath(node: PackageNode, rest: string): boolean {
  return exportsAt(node.manifest.exports, `./${rest}`) !== undefined
}

/** Files of a package that something other than an import starts: what it offers, and what its scripts name. */
export function entryFiles(node: PackageNode, main: string | null, facts: Facts): string[] {
  const named = Object.values(node.manifest.scripts).flatMap((script) => script.match(/[\w@./-]+\.(?:[cm]?[jt]sx?)\b/g) ?? [])
  const declared = [...node.manifest.entries.flatMap((entry) => expand(node, entry, facts)), ...named]
  const found = declared.map((entry) => sourceOf(node, entry, facts)).filter((path) => path !== null)
  return main === null ? found : [...found, main]
}

/** `./dist/*.js` offers every file in that folder. */
function expand(node: PackageNode, entry: string, facts: Facts): string[] {
  if (!entry.includes('*')) return [entry]
  const [head = ''] = entry.replace(/^\.\//, '').split('*')
  const files = node.files.filter((file) => facts.has(file))
  const below = (folder: string): string[] => files.filter((file) => file.startsWith(joinPath(node.dir, folder)))
  const sources = sourcesOf(head).filter((folder) => folder !== '' && folder !== head)
  return [...below(head), ...(sources.map(below).find((found) => found.length > 0) ?? [])].map((file) =>
    file.slice(node.dir === '' ? 0 : node.dir.length + 1),
  )
}

function sourceOf(node: PackageNode, target: string, facts: Facts): string | null {
  const direct = findSource(joinPath(node.dir, target), facts)
  if (direct !== null) return direct
  const stem = target.replace(/^\.\//, '').replace(/\.d\.([cm]?)ts$/, '.$1js')
  for (const path of sourcesOf(stem)) {
    const found =
      findSource(joinPath(node.dir, path), facts) ?? findSource(joinPath(node.dir, path.replace(/\.[cm]?js$/, '')), facts)
    if (found !== null) return found
  }
  return null
}

/** Where a built file may come from. Folders that hold nothing but what is offered go before others. */
function sourcesOf(target: string): readonly string[] {
  const inside = insideBuilt(target)
  if (inside === null) return [target]
  return sourceFolders.map((folder) => folder + inside)
}

const sourceFolders = ['src/exports/', 'src/entrypoints/', 'src/entries/', 'src/', 'source/', 'lib/', '']

/** The path below the folder of built files, which are not in git; null for a path that is no such. */
function insideBuilt(path: string): string | null {
  const built = /^(?:dist|lib|build|out|esm|cjs|types|es)\/(?:(?:esm|cjs|types|src|es|node|browser)\/)*/.exec(path)
  return built === null ? null : path.slice(built[0].length)
}

/** The value of `exports` for a subpath, with patterns; the shorthand forms mean `.`. */
function exportsAt(exports: unknown, subpath: string): unknown {
  if (typeof exports !== 'object' || exports === null || Array.isArray(exports)) return subpath === '.' ? exports : undefined
  const entries = Object.entries(exports)
  if (!entries.some(([key]) => key.startsWith('.'))) return subpath === '.' ? exports : undefined
  for (const [key, value] of entries) {
    const rest = matchPattern(key, subpath)
    if (rest !== null) return key.includes('*') ? strings(value).map((target) => target.replace('*', rest)) : value
  }
  return undefined
}

function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(strings) : []
}
