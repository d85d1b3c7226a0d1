import type { PackageNode, Workspace } from '@coxswain/graph'
import { findFolderLoader } from './folder-loader.ts'
import { isTestFile } from './site-rule.ts'

/** That nothing uses something: said only after every text of the repository was asked for its name. */
export interface UnusedClaim {
  readonly kind: 'file' | 'export' | 'dependency'
  readonly subject: string
  /** Words that would name it. */
  readonly names: readonly string[]
}

/** Why nobody can say from the text what of a package is in use; null where all ways in are seen. */
export function findBlindSpot(node: PackageNode, workspace: Workspace, isDeclared: (name: string) => boolean): string | null {
  const inner = workspace.packages.filter((other) => !other.isMember && isInside(other.dir, node.dir))
  for (const path of [node, ...inner].flatMap(({ files }) => files)) {
    const facts = workspace.facts.get(path)
    if (facts === undefined || (facts.kind !== 'source' && facts.kind !== 'script' && facts.imports.length === 0)) continue
    // What a tool keeps for itself is run by it alone.
    if (isTestFile(path) || /(?:^|\/)\.[^/]+$/.test(path)) continue
    if (facts.problem !== undefined) return `${path} cannot be read`
    const [loader] = facts.loaders ?? []
    if (loader !== undefined) return `${path}:${loader.line} ${loader.what} what only a run knows`
    const lost = workspace.edgesOf(path).find(({ fact, target }) => {
      if (fact.form === 'mention' || fact.isType || outside.test(fact.from)) return false
      return target.kind === 'missing' ? !asset.test(fact.from) : target.kind === 'external' && !isDeclared(target.name)
    })
    if (lost !== undefined) return `${path}:${lost.fact.line} imports ${lost.fact.from}, and nothing here says what that is`
  }
  const loader = findFolderLoader(node, workspace)
  return loader === null
    ? null
    : `${loader.path}:${loader.line} hands ${loader.folder} to a tool, and nothing here says what it loads there`
}

function isInside(dir: string, outer: string): boolean {
  return outer === '' ? dir !== '' : dir.startsWith(`${outer}/`)
}

/** Of a scheme, or a file of what is installed: a tool or a run time brings it, and it leads nowhere in the repository. */
const outside = /^[a-z][\w+.-]*:|^\.(?!\.?(?:\/|$))/i
const asset =
  /\.(?:css|scss|sass|less|styl|svg|png|jpe?g|gif|webp|avif|ico|woff2?|ttf|mp[34]|webm|wasm|node|html?|txt|md|mdx|csv|ya?ml|graphql|gql|glsl|json5?)(?:$|[?#])/i

/** Names that some manifest of the repository declares; types stand for what they describe. */
export function declaredNames(workspace: Workspace): (name: string) => boolean {
  const names = new Set<string>()
  for (const { manifest, name: own } of workspace.packages) {
    if (own !== null) names.add(own)
    for (const name of [
      manifest.dependencies,
      manifest.devDependencies,
      manifest.peerDependencies,
      manifest.optionalDependencies,
    ].flatMap(Object.keys)) {
      names.add(name)
      if (name.startsWith('@types/')) names.add(name.slice('@types/'.length).replace(/^(.+)__(.+)$/, '@$1/$2'))
    }
  }
  return (name) => names.has(name)
}
