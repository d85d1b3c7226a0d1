import { posix } from 'node:path'
import { globTest, leavesTree } from '@coxswain/constraints'

/** Where a sentence says that it holds. `unclear`: it says something of the kind, and what that is cannot be told with certainty. */
export type StatedScope =
  | { readonly kind: 'none' }
  | { readonly kind: 'globs'; readonly globs: readonly string[] }
  | { readonly kind: 'unclear' }

export interface ScopeTree {
  /** Every file of the repository. */
  readonly files: readonly string[]
  /** The last names of its folders. */
  readonly folderNames: ReadonlySet<string>
  /** Of the file that holds the sentence: paths may be meant from there. */
  readonly folder: string
}

const none: StatedScope = { kind: 'none' }
const unclear: StatedScope = { kind: 'unclear' }

const list = '`[^`]+`(?:(?:\\s*,\\s*(?:(?:and|or)\\s+)?|\\s+(?:and|or)\\s+)`[^`]+`)*'
/** A path in backticks, or several, behind a word that says where. */
const place = new RegExp(
  `\\b(?:in|under|below|inside|within)\\s+(?:(?:the|our|all|any|every|files?|folders?|code|of|in|under)\\s+)*(${list})`,
  'gi',
)

/** What names files in words that only people can look up, or takes some out. */
const unreadable = [
  /\b(?:except|unless|outside|apart from|other than|excluding|but|not (?:in|under|below|inside|within))\b/i,
  /\b(?:in|under|below|inside|within|for|across|throughout)\s+(?:the\s+|our\s+|all\s+|any\s+)*(?:tests?|specs?|production|scripts|examples)\b/i,
  /\b(?:in|under|below|inside|within|across|throughout)\s+(?:the\s+|our\s+)*(?!(?:this|all|any|every|each|the|source)\b)[\w-]+\s+(?:files?|folders?|director(?:y|ies)|packages?|layers?|modules?|code)\b/i,
  // A bare path: where it ends is a guess.
  /\b(?:in|under|below|inside|within|for|across|throughout)\s+(?:the\s+|our\s+|all\s+|any\s+)*[\w.@-]*[/*][^\s`]*/i,
]

/** Where code goes is not where a sentence holds. */
const location = /\b(?:put|place|store|move|lives?|belongs?|stands?|defined?|declared?|found)\b/i

/** The scope that a sentence states: what it forbids in a folder must not become a constraint on everything. */
export function statedScope(text: string, tree: ScopeTree): StatedScope {
  const places = [...text.matchAll(place)]
  const [first, ...others] = places
  if (unreadable.some((pattern) => pattern.test(text.replaceAll(/`[^`]*`/g, '``')))) return unclear
  const rest = text.replaceAll(place, ' ')
  if (namesBareFolder(rest, tree) || namesFurtherFiles(rest, tree)) return unclear
  if (first === undefined) return none
  if (others.length > 0 || location.test(rest) || !isOfTheAsking(text.slice(0, first.index))) return unclear
  const named = [...(first[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, path = '']) => resolveGlob(path.trim(), tree))
  const globs = named.filter((glob) => glob !== null)
  return globs.length === named.length ? { kind: 'globs', globs: [...new Set(globs)] } : unclear
}

/** A sentence without the words that say where it holds. */
export function withoutPlace(text: string): string {
  return text
    .replace(new RegExp(`^\\s*${place.source}\\s*,\\s*`, 'i'), '')
    .replace(new RegExp(place.source + folderWord, 'gi'), ' ')
    .replaceAll(/\s+([;,.])/g, '$1')
    .replaceAll(/\s+/g, ' ')
    .trim()
}

const folderWord = '(?:\\s+(?:folders?|director(?:y|ies)|files?))?'

/** A place in a later clause belongs to what is done instead: "never this; use the logger in `src/log.ts`". */
function isOfTheAsking(before: string): boolean {
  return !/[;:,—–]|\s-\s|\b(?:and|instead(?: of)?|over|rather than)\b/i.test(before)
}

function namesBareFolder(text: string, { folderNames }: ScopeTree): boolean {
  const words = [
    ...text.matchAll(/\b(?:in|under|below|inside|within|across|throughout)\s+(?:(?:the|our|all|any)\s+)*([\w-]+)/gi),
  ].map(([, word = '']) => word)
  return words.some((word) => folderNames.has(word))
}

/** Folders and globs that stand elsewhere in the sentence, but for what is imported. */
function namesFurtherFiles(text: string, tree: ScopeTree): boolean {
  return [...text.matchAll(/(\w+)?\W*`([^`]+)`/g)].some(
    ([, word = '', path = '']) =>
      /[*]|\/$/.test(path) && !/^(?:from|imports?|importing)$/i.test(word) && resolveGlob(path, tree) !== null,
  )
}

/** As a glob of this repository; null where it matches nothing, and where it may mean two things. */
function resolveGlob(path: string, { files, folder }: ScopeTree): string | null {
  const named = path.replace(/^\.?\//, '')
  if (named === '' || leavesTree(named) || /\s|^!/.test(named)) return null
  const roots = folder === '' ? [''] : ['', folder]
  const found = roots.flatMap((root) => {
    const base = posix.join(root, named).replace(/\/$/, '')
    const candidates = named.endsWith('/') ? [`${base}/**`] : [base, `${base}/**`]
    const glob = candidates.find((one) => files.some(globTest([one])))
    return glob === undefined ? [] : [glob]
  })
  const [glob, ...others] = [...new Set(found)]
  return others.length > 0 ? null : (glob ?? null)
}
