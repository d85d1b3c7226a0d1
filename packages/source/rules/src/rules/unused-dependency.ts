import { findManifestLine, type PackageNode, type Workspace } from '@coxswain/facts'
import type { Rewrite } from '../rewrite.ts'
import { defineRule } from '../rule.ts'

export const unusedDependency = defineRule({
  id: 'unused-dependency',
  why: 'A dependency nobody imports is still installed, audited, updated, and taken for the way to do things.',
  severity: 'off',
  scope: 'package',
  options: (z) =>
    z.strictObject({
      ignore: z.array(z.string()).default([]),
      /** Private packages too: applications need dependencies that only their framework loads. */
      private: z.boolean().default(false),
    }),
  check: (node, { workspace, options }) => {
    if (!node.isMember || (node.manifest.isPrivate && !options.private)) return []
    const sources = node.files.filter((file) => workspace.facts.get(file)?.kind !== 'manifest')
    if (!sources.some((file) => workspace.edgesOf(file).length > 0)) return []
    const unused = Object.keys(node.manifest.dependencies).filter((name) => !options.ignore.includes(name))
    const used = unused.length === 0 ? new Set<string>() : importedNames(node, workspace)
    const candidates = unused.filter((name) => !used.has(name) && !isUsedWithoutImport(name, node))
    if (candidates.length === 0) return []
    const mentioned = mentions(node, workspace)
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

function importedNames(node: PackageNode, workspace: Workspace): ReadonlySet<string> {
  const names = new Set<string>()
  for (const file of node.files) {
    for (const { fact } of workspace.edgesOf(file)) {
      const name = /^(?:@[^/]+\/)?[^/]+/.exec(fact.from)?.[0]
      if (name !== undefined) names.add(name)
    }
  }
  return names
}

function isUsedWithoutImport(name: string, node: PackageNode): boolean {
  const program = name.slice(name.lastIndexOf('/') + 1)
  const isRun = Object.values(node.manifest.scripts).some((script) => script.includes(program))
  return isRun || name.startsWith('@types/') || node.manifest.peerDependencies[name] !== undefined || program.startsWith('tslib')
}

/** Configuration, templates and documents name packages too: any mention outside package.json counts. */
function mentions(node: PackageNode, workspace: Workspace): (name: string) => boolean {
  const configs = node.files.filter(
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
