import { type FileFacts, type ImportFact } from '@coxswain/facts'
import { findCycles, type Workspace } from '@coxswain/graph'
import { defineRule, type RawFinding } from '../rule.ts'
import { fixtureFiles } from '../site-rule.ts'

export const noCycles = defineRule({
  id: 'no-cycles',
  why: 'Files in a cycle load in an order nobody chose, and none of them can be understood without all the others.',
  severity: 'warning',
  scope: 'graph',
  exclude: fixtureFiles,
  options: (z) => z.strictObject({ types: z.boolean().default(false) }),
  update: ({ files }, known, { workspace, options }) => {
    // A circle that no edited file is in has only edges that were there before: it lay inside a known one.
    const touched = known.filter((finding) => membersOf(finding).some((path) => files.has(path)))
    const members = new Set(touched.flatMap(membersOf))
    for (const path of files) for (const member of circleAround(workspace, path, options.types)) members.add(member)
    if (members.size === 0) return known
    const kept = known.filter((finding) => !membersOf(finding).some((path) => members.has(path)))
    const targetsOf = (path: string): string[] => runTimeTargets(workspace, path, options.types)
    const found = findCycles([...members], targetsOf).map((circle) => describeCycle(circle, workspace, options.types))
    return [...kept, ...found]
  },
  check: ({ workspace, options }) => {
    const nodes = [...workspace.facts.keys()].filter((path) => workspace.edgesOf(path).length > 0)
    const targetsOf = (path: string): string[] => runTimeTargets(workspace, path, options.types)
    return findCycles(nodes, targetsOf).map((members) => describeCycle(members, workspace, options.types))
  },
})

function membersOf(finding: RawFinding): readonly string[] {
  return [finding.file, ...(finding.related ?? [])]
}

/** The files that a file reaches and that reach it. */
function circleAround(workspace: Workspace, path: string, withTypes: boolean): ReadonlySet<string> {
  const importers = new Map<string, string[]>([[path, []]])
  const open = [path]
  for (let from = open.pop(); from !== undefined; from = open.pop()) {
    for (const target of runTimeTargets(workspace, from, withTypes)) {
      const known = importers.get(target)
      if (known === undefined) open.push(target)
      if (known === undefined) importers.set(target, [from])
      else known.push(from)
    }
  }
  const members = new Set<string>()
  const back = [...(importers.get(path) ?? [])]
  for (let member = back.pop(); member !== undefined; member = back.pop()) {
    if (members.has(member)) continue
    members.add(member)
    back.push(...(importers.get(member) ?? []))
  }
  return members
}

function runTimeTargets(workspace: Workspace, path: string, withTypes: boolean): string[] {
  const targets: string[] = []
  for (const { fact, target } of workspace.edgesOf(path))
    if (
      target.kind === 'file' &&
      target.path !== path &&
      !isLoadedLater(fact) &&
      (withTypes || !isErased(workspace, fact, target.path))
    )
      targets.push(target.path)
  return targets
}

/** Asked for while the program runs, or by a tool. */
function isLoadedLater(fact: ImportFact): boolean {
  return fact.form === 'dynamic' || fact.form === 'mention'
}

/** Nothing of it is left at run time: it says so, or everything it names is a type. */
function isErased(workspace: Workspace, fact: ImportFact, target: string): boolean {
  if (fact.isType || fact.names.length === 0 || fact.form !== 'import') return fact.isType
  const facts = workspace.facts.get(target)
  if (facts === undefined) return false
  const known = typeNames(facts)
  return known.size > 0 && fact.names.every((name) => known.has(name))
}

const types = new WeakMap<FileFacts, ReadonlySet<string>>()

function typeNames(facts: FileFacts): ReadonlySet<string> {
  const known = types.get(facts)
  if (known !== undefined) return known
  const names = new Set(facts.exports.filter((entry) => entry.isType).map((entry) => entry.name))
  types.set(facts, names)
  return names
}

interface InnerEdge {
  readonly from: string
  readonly to: string
  readonly names: readonly string[]
  readonly line: number
  readonly column: number
}

function describeCycle(members: readonly string[], workspace: Workspace, withTypes: boolean): RawFinding {
  const inside = new Set(members)
  const edges = members.flatMap((from) => innerEdges(from, inside, { workspace, withTypes }))
  const cut = cheapestEdge(edges)
  const circle = cut === undefined ? [] : shortestWay(cut, edges)
  const shown = circle.slice(0, 6).map((path) => shortName(path, circle))
  const more = circle.length > 6 ? ` → … ${circle.length - 6} more` : ''
  const [names, moved] = wording(cut)
  return {
    file: cut?.from ?? members[0] ?? '',
    line: cut?.line ?? 1,
    column: cut?.column ?? 1,
    what: `${members.length} files import each other in a circle through ${edges.length} imports: ${shown.join(' → ')}${more} → ${shown[0]}`,
    fix: [
      `Cut the cheapest edge: ${cut?.from} takes ${names} from ${cut?.to}. Move ${moved} into a file that imports neither.`,
      `Or pass ${moved} in as a parameter from the file that uses both.`,
      'If only types cross, write `import type`: erased imports do not count.',
    ],
    related: members.filter((path) => path !== cut?.from),
    anchor: `cycle ${members
      .map((path) => path.slice(path.lastIndexOf('/') + 1))
      .slice(0, 8)
      .join()}`,
  }
}

/** Where two files import each other directly, one of the two edges is the mistake; then the one that carries least. */
function cheapestEdge(edges: readonly InnerEdge[]): InnerEdge | undefined {
  const pairs = new Set(edges.map((edge) => `${edge.from}\0${edge.to}`))
  const cost = (edge: InnerEdge): number => (pairs.has(`${edge.to}\0${edge.from}`) ? 0 : 1_000) + edge.names.length
  return edges.toSorted((a, b) => cost(a) - cost(b) || (a.from < b.from ? -1 : a.from > b.from ? 1 : a.line - b.line))[0]
}

function innerEdges(
  from: string,
  inside: ReadonlySet<string>,
  scope: { readonly workspace: Workspace; readonly withTypes: boolean },
): InnerEdge[] {
  return scope.workspace.edgesOf(from).flatMap(({ fact, target }) => {
    if (
      target.kind !== 'file' ||
      target.path === from ||
      !inside.has(target.path) ||
      isLoadedLater(fact) ||
      (!scope.withTypes && isErased(scope.workspace, fact, target.path))
    )
      return []
    return [{ from, to: target.path, names: fact.names, line: fact.line, column: fact.column }]
  })
}

/** What an edge carries, and what of it moves. */
function wording(edge: InnerEdge | undefined): readonly [carried: string, moved: string] {
  const names = edge?.names ?? []
  if (names.length === 0) return ['nothing by name', 'the shared part']
  if (names.includes('*')) return ['all of it', 'the part that is used']
  const named = names.map((name) => (name === 'default' ? 'the default export' : name))
  const text = named.slice(0, 3).join(', ') + (named.length > 3 ? ` and ${named.length - 3} more` : '')
  return [text, text]
}

/** The files of the smallest circle that the edge closes, from where it starts. */
function shortestWay({ from, to }: InnerEdge, edges: readonly InnerEdge[]): readonly string[] {
  const next = Map.groupBy(edges, (edge) => edge.from)
  const cameFrom = new Map<string, string>([[to, from]])
  const open = [to]
  for (const path of open) {
    if (path === from) break
    for (const edge of next.get(path) ?? []) {
      if (cameFrom.has(edge.to)) continue
      cameFrom.set(edge.to, path)
      open.push(edge.to)
    }
  }
  const way: string[] = []
  for (let path = cameFrom.get(from); path !== undefined && path !== from; path = cameFrom.get(path)) way.unshift(path)
  return [from, ...way]
}

/** What all members have in common is left out, where they lie in one folder; names of different folders stay whole. */
function shortName(path: string, members: readonly string[]): string {
  const folder = path.slice(0, path.lastIndexOf('/') + 1)
  const isOfAll = members.every((member) => member.lastIndexOf('/') + 1 === folder.length && member.startsWith(folder))
  return isOfAll ? path.slice(folder.length) : path
}
