import { findManifestLine, lazySchema } from '@coxswain/facts'
import type { PackageNode, Workspace } from '@coxswain/graph'
import type { Rewrite } from '../rewrite.ts'
import { defineRule } from '../rule.ts'
import { testFiles } from '../site-rule.ts'

export const unusedDependency = defineRule({
  id: 'unused-dependency',
  why: 'A dependency nobody imports is still installed, audited, updated, and taken for the way to do things.',
  severity: 'warning',
  scope: 'package',
  exclude: testFiles,
  options: (z) =>
    z.strictObject({
      ignore: z.array(z.string()).default([]),
      /** Private packages too: applications need dependencies that only their framework loads. */
      private: z.boolean().default(false),
    }),
  check: (node, { workspace, options }) => {
    if (!node.isMember || (node.manifest.isPrivate && !options.private)) return []
    // Without a source of what it offers, a package is put together by something that is not seen here.
    if (workspace.entryOf(node) === null) return []
    const sources = filesOf(node, workspace)
    const ignored = new Set(options.ignore)
    const declared = Object.keys(node.manifest.dependencies).filter((name) => !ignored.has(name))
    const used = declared.length === 0 ? new Set<string>() : usedPackages(node, sources, workspace)
    const scripts = Object.values(node.manifest.scripts).join('\n')
    const unused = declared.filter((name) => !used.has(name) && !isUsedWithoutImport(name, node, scripts))
    if (unused.length === 0) return []
    const file = node.dir === '' ? 'package.json' : `${node.dir}/package.json`
    const text = workspace.textOf(file)
    const block = dependencyBlock(text)
    return unused.map((name) => {
      const rewrite = removalOf(file, name, block)
      return {
        file,
        line: block.lines.get(name)?.line ?? findManifestLine(text, 'dependencies'),
        column: 1,
        what: `${node.name ?? file} depends on ${name}, and nothing that relies on it names it`,
        fix: [
          `Remove ${name} from the dependencies of ${file}, then install.`,
          `If a program of ${name} is run, name it in a script; if it is for tests or types, move it to devDependencies.`,
        ],
        anchor: `dependency ${name}`,
        claim: { kind: 'dependency', subject: name, names: [name] },
        ...(rewrite && { rewrite }),
      }
    })
  },
})

/** Of the package and of manifests inside it that are no packages of the workspace: subpaths of older module systems. */
function filesOf(node: PackageNode, workspace: Workspace): readonly string[] {
  const inner = strangers(workspace).filter((other) => other.dir.startsWith(`${node.dir}/`))
  return [node, ...inner].flatMap(({ files }) => files).filter((file) => workspace.facts.get(file)?.kind !== 'manifest')
}

const strangersOf = new WeakMap<readonly PackageNode[], readonly PackageNode[]>()

function strangers({ packages }: Workspace): readonly PackageNode[] {
  const known = strangersOf.get(packages)
  if (known !== undefined) return known
  const found = packages.filter((node) => !node.isMember)
  strangersOf.set(packages, found)
  return found
}

/**
 * What the package imports, and what the packages need that are built into it: those it imports without declaring them, with what they
 * declare. By manifests alone, so that no edit of another package's files changes the answer.
 */
function usedPackages(node: PackageNode, sources: readonly string[], workspace: Workspace): ReadonlySet<string> {
  const names = new Set(importedNames(sources, workspace))
  // A set is read while it grows.
  for (const name of names) {
    const other = workspace.packageByName.get(name)
    if (other === undefined || other === node || isInstalledWith(node, name)) continue
    for (const needed of Object.keys({ ...other.manifest.dependencies, ...other.manifest.peerDependencies })) names.add(needed)
  }
  return names
}

/** Whoever installs the package gets the other one too; otherwise its build has to take it in. */
function isInstalledWith({ manifest }: PackageNode, name: string): boolean {
  return manifest.dependencies[name] !== undefined || manifest.peerDependencies[name] !== undefined
}

function importedNames(files: readonly string[], workspace: Workspace): ReadonlySet<string> {
  const names = new Set<string>()
  for (const file of files) {
    for (const { fact, target } of workspace.edgesOf(file)) {
      // A name that begins with `#` may stand for a package.
      if (target.kind === 'external') names.add(target.name)
      else if (target.kind === 'file' && target.byName !== null) names.add(target.byName)
      if (fact.from.startsWith('.') || fact.from.startsWith('#')) continue
      const name = /^(?:@[^/]+\/)?[^/]+/.exec(fact.from)?.[0]
      if (name !== undefined) names.add(name)
    }
  }
  return names
}

function isUsedWithoutImport(name: string, node: PackageNode, scripts: string): boolean {
  const program = name.slice(name.lastIndexOf('/') + 1)
  return (
    scripts.includes(program) ||
    name.startsWith('@types/') ||
    node.manifest.peerDependencies[name] !== undefined ||
    isHelper.test(name)
  )
}

/** Compilers write imports of these into what they emit. */
const isHelper = /^(?:tslib|@babel\/runtime(?:-corejs3)?|@swc\/helpers|core-js|regenerator-runtime)$/

interface Block {
  readonly text: string
  readonly lines: ReadonlyMap<
    string,
    { readonly line: number; readonly start: number; readonly end: number; readonly isLast: boolean }
  >
}

const quotedName = lazySchema((z) => z.string())

/** The lines of `dependencies` in a manifest with one entry a line, by name; read once, however many of them are unused. */
function dependencyBlock(text: string): Block {
  const lines = new Map<string, { line: number; start: number; end: number; isLast: boolean }>()
  const first = findManifestLine(text, 'dependencies')
  let [line, at] = [1, 0]
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', end + 1), line++) {
    // What stands between two line ends, with the first of them.
    const found = line <= first ? null : entryShape.exec(text.slice(at, end))
    if (line > first && found === null) break
    if (found !== null)
      lines.set(quotedName().parse(JSON.parse(found[1] ?? '""')), {
        line,
        start: at,
        end: at + found[0].length,
        isLast: found[2] === '',
      })
    at = end
  }
  return { text, lines }
}

const entryShape = /^\r?\n?[ \t]+("(?:[^"\\]|\\.)*"): *"(?:[^"\\]|\\.)*"(,?)(?=\r?$)/

function removalOf(file: string, name: string, { text, lines }: Block): Rewrite | null {
  const entry = lines.get(name)
  if (entry === undefined) return null
  const before = entry.isLast ? (/,\s*$/.exec(text.slice(Math.max(0, entry.start - 200), entry.start))?.[0].length ?? 0) : 0
  const start = entry.start - before
  // Between two line ends, with one of them whole.
  const end = !entry.isLast && text.startsWith('\r\n', entry.end) ? entry.end + 1 : entry.end
  return { edits: [{ file, start, end, was: text.slice(start, end), text: '' }] }
}
