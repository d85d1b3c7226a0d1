import { byKey, gained, listOf, textsOf, treeOf, type Tree } from './read-settings.ts'

/** What got weaker in `harness/architecture.yaml`, in sentences. */
export function weakerArchitecture(was: Tree, now: Tree): string[] {
  return [
    ...gained(patternsOf(now), patternsOf(was)).map((pattern) => `packages no longer match ${pattern}`),
    ...weakerLayers(layersOf(was), layersOf(now)),
    ...['edges', 'boundaries', 'shared-layers', 'providers'].flatMap((key) =>
      gained(itemsOf(was[key]), itemsOf(now[key])).map((item) => `${key} gains ${item}`),
    ),
    // A provider imports providers alone; at a boundary a schema has to follow.
    ...['providers', 'boundaries'].flatMap((key) =>
      gained(itemsOf(now[key]), itemsOf(was[key])).map((item) => `${key} loses ${item}`),
    ),
    ...weakerCapabilities(was, now),
  ]
}

function itemsOf(value: unknown): string[] {
  return listOf(value).map((item) => JSON.stringify(item))
}

function patternsOf({ packages }: Tree): string[] {
  const templates = typeof packages === 'string' ? [packages] : textsOf(packages)
  // Only layer and domain mean something to a rule; any other name matches alike.
  return templates.map((template) => template.replaceAll(/\{(?!layer\}|domain\})\w+\}/g, '{feature}'))
}

interface DeclaredLayer {
  readonly imports: readonly string[]
  readonly hasSiblings: boolean
}

/** A layer that says nothing imports those declared before it. */
function layersOf({ layers }: Tree): Map<string, DeclaredLayer> {
  const found = new Map<string, DeclaredLayer>()
  for (const entry of listOf(layers)) {
    const { name, imports, siblings } = typeof entry === 'string' ? { name: entry } : treeOf(entry)
    const allowed = imports === undefined ? [...found.keys()] : textsOf(imports)
    found.set(String(name), { imports: allowed, hasSiblings: siblings !== false })
  }
  return found
}

function weakerLayers(was: ReadonlyMap<string, DeclaredLayer>, now: ReadonlyMap<string, DeclaredLayer>): string[] {
  return [...was].flatMap(([name, old]) => {
    const current = now.get(name)
    if (current === undefined) return [`layer ${name} is removed`]
    const open = gained(old.imports, current.imports).filter((layer) => layer !== name && was.has(layer))
    return [
      ...open.map((layer) => `layer ${name} may import ${layer}`),
      ...(current.hasSiblings && !old.hasSiblings ? [`packages of layer ${name} may import each other`] : []),
    ]
  })
}

function weakerCapabilities(was: Tree, now: Tree): string[] {
  const next = byKey(now['capabilities'], 'name')
  return [...byKey(was['capabilities'], 'name')].flatMap(([name, old]) => {
    const current = next.get(name)
    if (current === undefined) return [`capability ${name} is removed`]
    const lost = gained(textsOf(current['instead-of']), textsOf(old['instead-of']))
    return [
      ...lost.map((library) => `capability ${name} no longer stands instead of ${library}`),
      ...(old['use'] === current['use']
        ? []
        : [`capability ${name}: use changed from ${String(old['use'])} to ${String(current['use'])}: cannot be compared`]),
    ]
  })
}
