import type { FileFacts } from '@coxswain/facts'
import { filesBelow, findSource } from './find-source.ts'
import { readExports, targetsOf, type PackageMap } from './package-map.ts'
import { joinPath } from './read-path-aliases.ts'
import { startedByScripts } from './started-by-scripts.ts'
import type { PackageNode } from './workspace.ts'

type Facts = ReadonlyMap<string, FileFacts>

/** The file behind a package's bare name. */
export function findEntry(node: PackageNode, facts: Facts): string | null {
  const declared = targetsOf(readExports(node.manifest.exports), '.')
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
  for (const target of targetsOf(readExports(node.manifest.exports), `./${rest}`)) {
    const source = sourceOf(node, target, facts)
    if (source !== null) return source
  }
  return null
}

/** Whether `exports` names the subpath, even when its source cannot be found: built files are not in git. */
export function offersSubpath(node: PackageNode, rest: string): boolean {
  return targetsOf(readExports(node.manifest.exports), `./${rest}`).length > 0
}

/** Files of a package that something other than an import starts: what it offers, and what its scripts and tools' settings name. */
export function entryFiles(node: PackageNode, main: string | null, facts: Facts): string[] {
  const { manifest } = node
  const offered = readExports(manifest.exports)
  const declared = [
    ...offered.entries.flatMap(([key]) => offeredBy(node, { map: offered, key }, facts)),
    ...manifest.entries.flatMap((entry) => expand(node, entry, facts)),
    ...startedByScripts(manifest.scripts).flatMap((named) => expand(node, named, facts)),
  ]
  const found = declared.map((entry) => sourceOf(node, entry, facts)).filter((path) => path !== null)
  const below = manifest.folders.flatMap((folder) => filesIn(node, folder, facts))
  return main === null ? [...found, ...below] : [...found, ...below, main]
}

interface Offer {
  readonly map: PackageMap
  readonly key: string
}

/** What one entry of `exports` offers: of a pattern, all files that no better entry withholds. */
function offeredBy(node: PackageNode, { map, key }: Offer, facts: Facts): string[] {
  if (!key.includes('*')) return [...targetsOf(map, key)]
  const isWithheld = (rest: string): boolean => {
    const found = map.find(key.replace('*', rest))
    return found !== null && found.entry !== key && targetsOf(map, key.replace('*', rest)).length === 0
  }
  // Asked with a star of its own, the pattern gives its targets as they are written.
  return targetsOf(map, key.replace('*', starAsItIs)).flatMap((target) => {
    const [head = ''] = target.split(starAsItIs)
    return expand(node, target.replaceAll(starAsItIs, '*'), facts).filter((file) => {
      const rest = restBehind(file, head)
      return rest === null || !(isWithheld(rest) || isWithheld(rest.replace(/\.[^./]+$/, '')))
    })
  })
}

const starAsItIs = '\u0001'

/** What a star stands for in a file's path, whether it is the built one or its source. */
function restBehind(file: string, head: string): string | null {
  const folder = sourcesOf(head.replace(/^\.\//, '')).find((source) => file.startsWith(source) && source !== '')
  const plain = head.replace(/^\.\//, '')
  if (file.startsWith(plain)) return file.slice(plain.length)
  return folder === undefined ? null : file.slice(folder.length)
}

/** `./dist/*.js` offers every file in that folder. */
function expand(node: PackageNode, entry: string, facts: Facts): string[] {
  if (!entry.includes('*')) return [entry]
  const [head = ''] = entry.replace(/^\.\//, '').split('*')
  const below = (folder: string): string[] =>
    filesBelow(node.files, joinPath(node.dir, folder) + (folder.endsWith('/') ? '/' : '')).filter((file) => facts.has(file))
  const sources = sourcesOf(head).filter((folder) => folder !== '' && folder !== head)
  const all = head === '' ? node.files.filter((file) => facts.has(file)) : below(head)
  return [...all, ...(sources.map(below).find((found) => found.length > 0) ?? [])].map((file) =>
    file.slice(node.dir === '' ? 0 : node.dir.length + 1),
  )
}

/** All files of a folder, or of the folder that it is built from. */
function filesIn(node: PackageNode, folder: string, facts: Facts): string[] {
  const plain = folder.replace(/^\.\//, '').replace(/\/$/, '')
  for (const path of [plain, ...sourcesOf(`${plain}/`)]) {
    const found = path === '' ? [] : filesBelow(node.files, `${joinPath(node.dir, path)}/`).filter((file) => facts.has(file))
    if (found.length > 0) return found
  }
  return []
}

/** The source of a file that a manifest names. */
export function sourceOf(node: Pick<PackageNode, 'dir'>, target: string, facts: Facts): string | null {
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
