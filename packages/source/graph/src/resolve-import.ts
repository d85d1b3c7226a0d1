import { isBuiltin } from 'node:module'
import type { FileFacts } from '@coxswain/facts'
import { entryFiles, findEntry, offersSubpath, subpathFile } from './package-entries.ts'
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
  resolve(from: string, specifier: string): Target
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
  const names = { ...scope, resolveName }
  return {
    filesNamed: (from, path) => findNamedFiles(path, { from, facts: scope.facts, packageDirs }),
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

function resolveSpecifier(
  from: string,
  specifier: string,
  scope: Scope & { readonly resolveName: (specifier: string) => Target },
): Target {
  if (/^\.{1,2}(?:\/|$)/.test(specifier)) {
    const dir = from.slice(0, Math.max(0, from.lastIndexOf('/')))
    return toFile(findRelative(joinPath(dir, specifier), scope.facts), true)
  }
  if (isBuiltinName(specifier)) return { kind: 'builtin', name: specifier.replace(/^node:/, '') }
  const aliased = resolveAlias(from, specifier, scope)
  if (aliased !== null) return toFile(aliased, false)
  if (specifier.startsWith('#') || specifier.startsWith('/') || /^[a-z]+:/i.test(specifier))
    return { kind: 'missing', isRelative: false }
  return scope.resolveName(specifier)
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

function resolveAlias(from: string, specifier: string, scope: Scope): string | null {
  for (const { dir, base, patterns } of scope.aliases) {
    if (dir !== '' && !from.startsWith(`${dir}/`)) continue
    for (const { pattern, targets } of patterns) {
      const rest = matchPattern(pattern, specifier)
      if (rest === null) continue
      for (const target of targets) {
        const path = findSource(joinPath(base, target.replace('*', rest)), scope.facts)
        if (path !== null) return path
      }
    }
  }
  return null
}

interface Names {
  readonly byName: ReadonlyMap<string, PackageNode>
  readonly entryOf: (node: PackageNode) => string | null
  readonly facts: ReadonlyMap<string, FileFacts>
}

function resolvePackage(specifier: string, names: Names): Target {
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
