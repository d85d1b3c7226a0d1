import { isBuiltin } from 'node:module'
import type { FileFacts } from '@coxswain/facts'
import { entryFiles, findEntry, offersSubpath, sourceOf, subpathFile } from './package-entries.ts'
import { readImports, targetsOf } from './package-map.ts'
import { joinPath, type PathAliases } from './read-path-aliases.ts'
import { matchPattern } from './match-pattern.ts'
import { findNamedFiles } from './find-named-files.ts'
import { findSource } from './find-source.ts'
import type { PackageNode } from './workspace.ts'

export type Target =
  | {
      readonly kind: 'file'
      readonly path: string
      /** Reached through a package's name, but not through what it exports. */ readonly isDeep: boolean
      readonly byName: string | null
    }
  | { readonly kind: 'external'; readonly name: string }
  | { readonly kind: 'builtin'; readonly name: string }
  | { readonly kind: 'missing'; readonly isRelative: boolean }

export interface Resolver {
  /** One, but for a name with conditions: whoever loads the file decides, and each of them may be meant. */
  resolve(from: string, specifier: string): readonly Target[]
  /** The files that a path or pattern in a configuration stands for. */
  filesNamed(from: string, path: string): readonly string[]
  entryOf(node: PackageNode): string | null
  isEntry(path: string): boolean
  readonly started: ReadonlySet<string>
}

interface Scope {
  readonly facts: ReadonlyMap<string, FileFacts>
  readonly packages: readonly PackageNode[]
  readonly aliases: readonly PathAliases[]
  readonly packageOf: (path: string) => PackageNode | null
  /** Files that something outside the graph starts, when they are known. */
  readonly started?: readonly string[]
}

/** Resolves by names and listed files alone: no file system, so that a whole workspace takes a few milliseconds. */
export function createResolver(scope: Scope): Resolver {
  const byName = new Map(
    scope.packages.filter((node) => node.isMember && node.name !== null).map((node) => [node.name ?? '', node]),
  )
  const entries = new Map<string, string | null>()
  const entryOf = (node: PackageNode): string | null => {
    const known = entries.get(node.dir)
    if (known !== undefined) return known
    const found = findEntry(node, scope.facts)
    entries.set(node.dir, found)
    return found
  }
  const started = new Set(scope.started ?? scope.packages.flatMap((node) => entryFiles(node, entryOf(node), scope.facts)))
  const named = new Map<string, Target>()
  const resolveName = (specifier: string): Target => {
    const known = named.get(specifier)
    if (known !== undefined) return known
    const target = resolvePackage(specifier, { byName, entryOf, facts: scope.facts })
    named.set(specifier, target)
    return target
  }
  const packageDirs = new Set(scope.packages.map((node) => node.dir))
  const names = { ...scope, aliasesOf: byFolder(scope.aliases), resolveName }
  const sortedPaths = memo(() => [...scope.facts.keys()].toSorted())
  return {
    filesNamed: (from, path) => findNamedFiles(path, { from, facts: scope.facts, packageDirs, sortedPaths }),
    resolve: (from, specifier) =>
      resolveSpecifier(
        from,
        /[?#]/.test(specifier) && !specifier.startsWith('#') ? specifier.replace(/[?#].*$/, '') : specifier,
        names,
      ),
    entryOf,
    isEntry: (path) => started.has(path),
    started,
  }
}

function memo<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}

/** The aliases that hold in a folder, nearest first: found by its name, for there may be as many tsconfigs as packages. */
function byFolder(aliases: readonly PathAliases[]): (dir: string) => readonly PathAliases[] {
  const own = Map.groupBy(aliases, ({ dir }) => dir)
  const known = new Map<string, readonly PathAliases[]>()
  const find = (dir: string): readonly PathAliases[] => {
    const found = known.get(dir)
    if (found !== undefined) return found
    const above = dir === '' ? [] : find(dir.slice(0, Math.max(0, dir.lastIndexOf('/'))))
    const all = own.has(dir) ? [...(own.get(dir) ?? []), ...above] : above
    known.set(dir, all)
    return all
  }
  return find
}

interface Names extends Scope {
  readonly aliasesOf: (dir: string) => readonly PathAliases[]
  readonly resolveName: (specifier: string) => Target
}

function resolveSpecifier(from: string, specifier: string, scope: Names): readonly Target[] {
  const dir = from.slice(0, Math.max(0, from.lastIndexOf('/')))
  if (/^\.{1,2}(?:\/|$)/.test(specifier)) return [toFile(findRelative(joinPath(dir, specifier), scope.facts), true)]
  if (isBuiltinName(specifier)) return [{ kind: 'builtin', name: specifier.replace(/^node:/, '') }]
  const aliased = resolveAlias(dir, specifier, scope)
  if (aliased !== null) return [toFile(aliased, false)]
  if (specifier.startsWith('#')) return resolveOwnName(from, specifier, scope)
  if (specifier.startsWith('/') || /^[a-z]+:/i.test(specifier)) return [{ kind: 'missing', isRelative: false }]
  return [scope.resolveName(specifier)]
}

/** A name that begins with `#`: what the nearest manifest says, under any conditions. */
function resolveOwnName(from: string, specifier: string, scope: Names): readonly Target[] {
  const node = scope.packageOf(from)
  const targets = node === null ? [] : targetsOf(readImports(node.manifest.imports), specifier)
  const found = targets.map((target): Target => {
    if (node !== null && target.startsWith('./')) return toFile(sourceOf(node, target, scope.facts), false)
    return isBuiltinName(target) ? { kind: 'builtin', name: target.replace(/^node:/, '') } : scope.resolveName(target)
  })
  const known = found.filter(
    (target, at) => target.kind !== 'missing' && at === found.findIndex((other) => isSame(other, target)),
  )
  return known.length > 0 ? known : [{ kind: 'missing', isRelative: false }]
}

/** Built files for several conditions come from one source. */
function isSame(a: Target, b: Target): boolean {
  return a.kind === 'file' && b.kind === 'file'
    ? a.path === b.path
    : a.kind === b.kind && a.kind !== 'file' && b.kind !== 'file' && nameOf(a) === nameOf(b)
}

function nameOf(target: Exclude<Target, { kind: 'file' }>): string {
  return target.kind === 'missing' ? '' : target.name
}

function isBuiltinName(specifier: string): boolean {
  return !specifier.startsWith('@') && (specifier.startsWith('node:') || isBuiltin(specifier))
}

/** Programs beside the source start what is built from it. */
function findRelative(path: string, facts: Scope['facts']): string | null {
  const found = findSource(path, facts)
  if (found !== null) return found
  const built = /^(.*?\/?)(?:dist|build|out)\/(.+)$/.exec(path)
  return built === null ? null : findSource(`${built[1]}src/${built[2]}`, facts)
}

function toFile(path: string | null, isRelative: boolean): Target {
  return path === null ? { kind: 'missing', isRelative } : { kind: 'file', path, isDeep: false, byName: null }
}

function resolveAlias(dir: string, specifier: string, scope: Names): string | null {
  for (const { base, patterns } of scope.aliasesOf(dir)) {
    for (const { pattern, targets } of patterns) {
      const rest = matchPattern(pattern, specifier)
      if (rest === null) continue
      for (const target of targets) {
        const path = findSource(
          joinPath(
            base,
            target.replace('*', () => rest),
          ),
          scope.facts,
        )
        if (path !== null) return path
      }
    }
  }
  return null
}

interface PackageNames {
  readonly byName: ReadonlyMap<string, PackageNode>
  readonly entryOf: (node: PackageNode) => string | null
  readonly facts: ReadonlyMap<string, FileFacts>
}

function resolvePackage(specifier: string, names: PackageNames): Target {
  const name = /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier
  const node = names.byName.get(name)
  if (node === undefined) return { kind: 'external', name }
  const rest = specifier.slice(name.length + 1)
  const offered = rest === '' ? names.entryOf(node) : subpathFile(node, rest, names.facts)
  if (offered !== null) return { kind: 'file', path: offered, isDeep: false, byName: name }
  const deep = rest === '' ? null : findSource(joinPath(node.dir, rest), names.facts)
  // A package without `exports` offers every file it has.
  if (deep !== null)
    return { kind: 'file', path: deep, isDeep: node.manifest.exports !== null && !offersSubpath(node, rest), byName: name }
  return rest === '' ? { kind: 'external', name } : { kind: 'missing', isRelative: false }
}
