/** `exports` or `imports` of a manifest, ready to be asked: a package may have ten thousand entries. */
export interface PackageMap {
  /** What the best entry says for a name, and what its `*` stands for, null for one without; null when no entry fits. */
  find(key: string): { readonly target: unknown; readonly star: string | null; readonly entry: string } | null
  readonly entries: readonly (readonly [key: string, target: unknown])[]
}

const known = new WeakMap<object, PackageMap>()
const empty: PackageMap = { find: () => null, entries: [] }

/** The short forms of `exports` mean `.`. */
export function readExports(value: unknown): PackageMap {
  if (value === null || value === undefined) return empty
  if (typeof value !== 'object') return createMap([['.', value]])
  const memo = known.get(value)
  if (memo !== undefined) return memo
  const isShort = Array.isArray(value) || !Object.keys(value).some((key) => key.startsWith('.'))
  const map = createMap(isShort ? [['.', value]] : Object.entries(value))
  known.set(value, map)
  return map
}

export function readImports(value: unknown): PackageMap {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return empty
  const memo = known.get(value)
  if (memo !== undefined) return memo
  const map = createMap(Object.entries(value).filter(([key]) => key.startsWith('#')))
  known.set(value, map)
  return map
}

interface Pattern {
  readonly entry: string
  readonly head: string
  readonly tail: string
  readonly target: unknown
}

function createMap(entries: readonly (readonly [string, unknown])[]): PackageMap {
  const exact = new Map(entries.filter(([key]) => !key.includes('*')))
  // By what stands before the star: the longest such head that a name begins with is the best entry.
  const byHead = new Map<string, Pattern[]>()
  for (const [entry, target] of entries) {
    const [head = '', tail, ...more] = entry.split('*')
    if (tail === undefined || more.length > 0) continue
    const same = byHead.get(head)
    if (same === undefined) byHead.set(head, [{ entry, head, tail, target }])
    else same.push({ entry, head, tail, target })
  }
  for (const same of byHead.values()) same.sort((a, b) => b.tail.length - a.tail.length)
  const lengths = [...new Set([...byHead.keys()].map((head) => head.length))].toSorted((a, b) => b - a)
  return {
    entries,
    find: (key) => {
      if (key.startsWith('#') && (key.endsWith('/') || key === '#')) return null
      if (exact.has(key)) return { target: exact.get(key), star: null, entry: key }
      for (const length of lengths) {
        if (length >= key.length) continue
        for (const { entry, head, tail, target } of byHead.get(key.slice(0, length)) ?? [])
          if (tail === '' || (key.length >= entry.length && key.endsWith(tail)))
            return { target, star: key.slice(head.length, key.length - tail.length), entry }
      }
      return null
    },
  }
}

/** `any`: whoever loads it decides, so each condition may hold. `default` always does. */
export type Conditions = ReadonlySet<string> | 'any'

/** Where a name may lead, best first, as written in the manifest: paths that begin with `./`, and for imports names of packages. */
export function targetsOf(map: PackageMap, key: string, conditions: Conditions = 'any'): readonly string[] {
  const found = map.find(key)
  if (found === null) return []
  const targets = new Set<string>()
  collect(found.target, { star: found.star, isImport: key.startsWith('#'), conditions, targets, depth: 0 })
  return [...targets]
}

interface Collecting {
  readonly star: string | null
  readonly isImport: boolean
  readonly conditions: Conditions
  readonly targets: Set<string>
  readonly depth: number
}

/** Whether this ends the search: `resolved` or `blocked` for sure, `open` where the next alternative has its turn. */
type Outcome = 'resolved' | 'blocked' | 'open'

const deepest = 100

function collect(target: unknown, state: Collecting): Outcome {
  if (target === null) return 'blocked'
  if (state.depth > deepest) return 'open'
  const inner = { ...state, depth: state.depth + 1 }
  if (typeof target === 'string') {
    if (!isValid(target, state)) return 'blocked'
    state.targets.add(state.star === null ? target : target.replaceAll('*', () => state.star ?? ''))
    return 'resolved'
  }
  if (Array.isArray(target)) {
    let last: Outcome = 'open'
    for (const item of target) {
      last = collect(item, inner)
      // Node goes on behind what leads nowhere; TypeScript behind a file that is not there.
      if (last === 'resolved' && state.conditions !== 'any') return last
    }
    return last
  }
  if (typeof target !== 'object') return 'blocked'
  for (const [condition, value] of Object.entries(target)) {
    const holds = condition === 'default' || (state.conditions !== 'any' && state.conditions.has(condition))
    if (!holds && state.conditions !== 'any') continue
    const outcome = collect(value, inner)
    if (holds && outcome !== 'open') return outcome
  }
  return 'open'
}

function isValid(target: string, { isImport, star }: Collecting): boolean {
  if (target.startsWith('./')) return !leavesPackage(target.slice(2)) && !leavesPackage(star ?? '')
  return isImport && !/^(?:\.{0,2}\/|\.{1,2}$|[a-z][a-z0-9+.-]*:(?!$))/i.test(target) && target !== '' && !target.startsWith('#')
}

function leavesPackage(path: string): boolean {
  return /(?:^|[/\\])(?:\.{1,2}|node_modules)(?:[/\\]|$)/i.test(path)
}
