import { posix } from 'node:path'
import { PackageScripts } from '@coxswain/model'
import { foldersOf, installScripts, namedScripts, pathsOf, reachesWorkspaces, runsScripts, wordsOf } from './command-words.ts'

/* What decides whether a change is proved: the files and package scripts that gates and set-up run, as the base has them. */

export interface ProofCommand {
  /** `the gate test`, `the set-up`. */
  readonly name: string
  readonly command: readonly string[]
}

export interface ProofTree {
  /** The main checkout: a path below it is the repository's. */
  readonly root: string
  readonly files: ReadonlySet<string>
  /** Symbolic links and what they say. */
  readonly links: ReadonlyMap<string, string>
  /** The text of each `package.json`. */
  readonly packages: ReadonlyMap<string, string>
}

export interface ProofChange {
  readonly path: string
  readonly reason: string
}

/** What of a change alters its own proof; pure. */
export function changedProof(
  commands: readonly ProofCommand[],
  base: ProofTree,
  change: { readonly paths: readonly string[]; readonly packages: ReadonlyMap<string, string> },
): ProofChange[] {
  const proof = proofOf(commands, base)
  return change.paths.flatMap((path): ProofChange[] => {
    // A path that differs in case alone is the same file on some file systems.
    const key = path.toLowerCase()
    const runner = proof.files.get(key)
    if (runner !== undefined) return [{ path, reason: `${path} is what ${runner} runs` }]
    const watched = proof.scripts.get(key)
    return watched === undefined ? [] : changedScripts(path, watched, { before: base.packages, after: change.packages })
  })
}

/** Who runs each file, and each script of each `package.json`; paths in small letters. */
interface Proof {
  readonly files: Map<string, string>
  readonly scripts: Map<string, Map<string, string>>
}

function proofOf(commands: readonly ProofCommand[], base: ProofTree): Proof {
  const proof: Proof = { files: new Map(), scripts: new Map() }
  for (const { name, command } of commands) addCommand(proof, base, { runner: name, words: wordsOf(command), folder: '.' })
  return proof
}

interface Call {
  readonly runner: string
  readonly words: readonly string[]
  /** Where it runs. */
  readonly folder: string
}

function addCommand(proof: Proof, base: ProofTree, call: Call): void {
  const folders = [call.folder, ...foldersOf(call.words).flatMap((folder) => within(call.folder, folder, base.root) ?? [])]
  for (const folder of folders)
    for (const path of call.words.flatMap(pathsOf).flatMap((word) => filesNamed(folder, word, base)))
      if (!proof.files.has(path.toLowerCase())) proof.files.set(path.toLowerCase(), call.runner)
  if (!runsScripts(call.words)) return
  const isEverywhere = reachesWorkspaces(call.words) || installScripts(call.words) !== null
  const places = isEverywhere
    ? [...base.packages.keys()]
    : ['.', ...folders].map((folder) => posix.join(folder, 'package.json')).filter((path) => base.packages.has(path))
  for (const path of new Set(places)) addScripts(proof, base, { ...call, path })
}

function addScripts(proof: Proof, base: ProofTree, { path, runner, words }: Call & { readonly path: string }): void {
  const scripts = scriptsIn(base.packages.get(path)) ?? new Map<string, string>()
  const called = namedScripts(words, scripts.keys()).flatMap((name) => [name, `pre${name}`, `post${name}`])
  const watched = proof.scripts.get(path.toLowerCase()) ?? new Map<string, string>()
  for (const name of [...called, ...(installScripts(words) ?? [])]) {
    if (watched.has(name)) continue
    watched.set(name, runner)
    proof.scripts.set(path.toLowerCase(), watched)
    const text = scripts.get(name)
    if (text !== undefined) addCommand(proof, base, { runner, words: wordsOf([text]), folder: posix.dirname(path) })
  }
}

function changedScripts(
  path: string,
  watched: ReadonlyMap<string, string>,
  { before, after }: { readonly before: ReadonlyMap<string, string>; readonly after: ReadonlyMap<string, string> },
): ProofChange[] {
  const [was, is] = [scriptsIn(before.get(path)), after.has(path) ? scriptsIn(after.get(path)) : new Map<string, string>()]
  const [runner = ''] = watched.values()
  if (was === null || is === null) return [{ path, reason: `${path}: its scripts, which ${runner} runs, cannot be read` }]
  return [...watched]
    .filter(([name]) => was.get(name) !== is.get(name))
    .map(([name, by]) => ({ path, reason: `${path}: the script ${name}, which ${by} runs` }))
}

function scriptsIn(text: string | undefined): PackageScripts | null {
  try {
    const parsed = PackageScripts.safeParse(JSON.parse((text ?? '').replace(/^\uFEFF/, '')))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}

const mostLinks = 40

/** The tracked file that a word names from a folder, with the links on the way; none for a folder. */
function filesNamed(folder: string, word: string, base: ProofTree): string[] {
  const passed: string[] = []
  let path = within(folder, word, base.root)
  while (path !== null && passed.length < mostLinks) {
    if (base.files.has(path)) return [...passed, path]
    const link = linkIn(path, base.links)
    if (link === null) break
    passed.push(link)
    const target = posix.join(base.links.get(link) ?? '', path.slice(link.length))
    path = within(posix.dirname(link), target, base.root)
  }
  const start = `${path}/`
  return passed.length === 0 || [...base.files].some((file) => file.startsWith(start)) ? [] : passed
}

function linkIn(path: string, links: ReadonlyMap<string, string>): string | null {
  if (links.size === 0) return null
  const segments = path.split('/')
  const prefixes = segments.map((_, at) => segments.slice(0, at + 1).join('/'))
  return prefixes.find((prefix) => links.has(prefix)) ?? null
}

/** A path from the top of the repository, without `.` and `..`; null outside of it. */
function within(folder: string, word: string, root: string): string | null {
  const isAbsolute = word.startsWith('/')
  if (isAbsolute && !word.startsWith(`${root}/`)) return null
  const path = posix.join(isAbsolute ? '.' : folder, isAbsolute ? word.slice(root.length + 1) : word).replace(/(?<=.)\/$/, '')
  return path === '..' || path.startsWith('../') ? null : path
}
