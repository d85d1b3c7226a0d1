import { findManifestLine } from '@coxswain/facts'
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
    if (!sources.some((file) => workspace.edgesOf(file).length > 0)) return []
    const unused = Object.keys(node.manifest.dependencies).filter((name) => !options.ignore.includes(name))
    const used = unused.length === 0 ? new Set<string>() : usedPackages(node, sources, workspace)
    const candidates = unused.filter((name) => !used.has(name) && !isUsedWithoutImport(name, node))
    if (candidates.length === 0) return []
    const mentioned = mentions(sources, workspace)
    const file = node.dir === '' ? 'package.json' : `${node.dir}/package.json`
    const text = workspace.textOf(file)
    return candidates
      .filter((name) => !mentioned(name))
      .map((name) => {
        const rewrite = removalOf(file, text, name)
        return {
          file,
          line: findManifestLine(text, `dependencies.${name}`),
          column: 1,
          what: `${node.name ?? file} depends on ${name}, and none of its ${sources.length} files names it`,
          fix: [
            `Remove ${name} from the dependencies of ${file}, then install.`,
            `If a program of ${name} is run, name it in a script; if it is for tests or types, move it to devDependencies.`,
          ],
          anchor: `dependency ${name}`,
          ...(rewrite && { rewrite }),
        }
      })
  },
})

/** Of the package and of manifests inside it that are no packages of the workspace: subpaths of older module systems. */
function filesOf(node: PackageNode, workspace: Workspace): readonly string[] {
  const inner = workspace.packages.filter((other) => !other.isMember && other.dir.startsWith(`${node.dir}/`))
  return [node, ...inner].flatMap(({ files }) => files).filter((file) => workspace.facts.get(file)?.kind !== 'manifest')
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
    for (const { fact } of workspace.edgesOf(file)) {
      if (fact.from.startsWith('.')) continue
      const name = /^(?:@[^/]+\/)?[^/]+/.exec(fact.from)?.[0]
      if (name !== undefined) names.add(name)
    }
  }
  return names
}

function isUsedWithoutImport(name: string, node: PackageNode): boolean {
  const program = name.slice(name.lastIndexOf('/') + 1)
  const isRun = Object.values(node.manifest.scripts).some((script) => script.includes(program))
  return isRun || name.startsWith('@types/') || node.manifest.peerDependencies[name] !== undefined || isHelper.test(name)
}

/** Compilers write imports of these into what they emit. */
const isHelper = /^(?:tslib|@babel\/runtime(?:-corejs3)?|@swc\/helpers|core-js|regenerator-runtime)$/

/** Configuration, templates and documents name packages too: any mention outside package.json counts. */
function mentions(files: readonly string[], workspace: Workspace): (name: string) => boolean {
  const configs = files.filter(
    (file) =>
      /\.(?:json|ya?ml|toml|[cm]?[jt]sx?|vue|svelte|astro|css|scss|html|mdx)$/.test(file) &&
      !file.endsWith('package.json') &&
      !file.endsWith('.test.ts'),
  )
  let texts: string[] | undefined
  return (name) => {
    texts ??= configs.map((file) => workspace.textOf(file))
    return texts.some((text) => text.includes(name))
  }
}

function removalOf(file: string, text: string, name: string): Rewrite | null {
  const line = new RegExp(`\\n\\s+"${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}": "[^"]*"(,?)`).exec(text)
  if (line === null) return null
  const isLast = line[1] === ''
  const before = isLast ? (/,\s*$/.exec(text.slice(0, line.index))?.index ?? line.index) : line.index
  const was = text.slice(before, line.index + line[0].length)
  return { edits: [{ file, start: before, end: line.index + line[0].length, was, text: '' }] }
}
