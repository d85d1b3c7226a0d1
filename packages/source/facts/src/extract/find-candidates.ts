import type { NodeKind } from '../parse/oxc-adapter.ts'
import { findTypedNames, type TypedName } from './find-typed-names.ts'

/** Where the text alone says that something may be; the syntax tree confirms it. Visiting only what may occur is what keeps a cold run cheap. */
export interface Candidates {
  readonly kinds: readonly NodeKind[]
  /** Call sites by the offset where the call starts. */
  readonly calls: ReadonlyMap<number, Call>
  /** `.json()` by the offset where it ends. */
  readonly jsonBodies: ReadonlySet<number>
  readonly environment: readonly number[]
  readonly typed: readonly TypedName[]
  readonly hasReferences: boolean
}

export interface Call {
  readonly kind: 'boundary-call' | 'console' | 'fetch' | 'fan-out'
  readonly name: string
}

export function findCandidates(text: string): Candidates {
  const calls = new Map<number, Call>()
  const jsonBodies = new Set<number>()
  const environment: number[] = []
  // One search for the rarest letters of each spares most files all of what follows.
  const hasMarks = marks.test(text)
  if (hasMarks)
    for (const match of text.matchAll(callShapes)) {
      const name = match[0]
      if (name === 'process.env') environment.push(match.index)
      else if (name.startsWith('.')) jsonBodies.add(match.index + name.length)
      else calls.set(match.index, { kind: callKind(name), name })
    }
  const typed = findTypedNames(text)
  const hasReferences = referenceMarks.test(text)
  const hasCalls = calls.size + jsonBodies.size > 0 || hasReferences
  const kinds = kindsFor({ text, typed, hasCalls, hasMembers: environment.length > 0, canAwait: hasMarks })
  return { kinds, calls, jsonBodies, environment, typed, hasReferences }
}

const marks = /JSON\.parse|console\.|fetch|Promise\.all|\.json|process\.env|require|import\(|new URL\(|await /
const referenceMarks =
  /[rR]equire|import\(|import\.meta\.[rg]|new URL\(|Worker\(|\bfork\(|\b(?:spawn|exec)\w*\(|readdir|glob|fg[.(]|\b(?:vi|jest|vitest)\.\w*(?:[mM]ock|[aA]ctual)|declare module|<reference|register\(/
const callShapes =
  /\bJSON\.parse(?=\s*\()|\bconsole\.\w+(?=\s*\()|\bfetch(?=\s*\()|\bPromise\.all(?:Settled)?(?=\s*\()|\.json\s*\(\s*\)|\bprocess\.env\b/g

function callKind(name: string): Call['kind'] {
  if (name.startsWith('JSON')) return 'boundary-call'
  if (name.startsWith('console')) return 'console'
  return name.startsWith('fetch') ? 'fetch' : 'fan-out'
}

interface Found {
  readonly text: string
  readonly typed: readonly TypedName[]
  readonly hasCalls: boolean
  readonly hasMembers: boolean
  readonly canAwait: boolean
}

const always: readonly NodeKind[] = ['any', 'unknown', 'cast', 'catch', 'function', 'arrow']

function kindsFor(found: Found): readonly NodeKind[] {
  const kinds = [...always]
  if (found.hasCalls) kinds.push('call')
  if (found.hasMembers) kinds.push('member')
  if (found.typed.some((name) => name.kind === 'duration')) kinds.push('number-type')
  if (found.typed.some((name) => name.kind === 'id-string')) kinds.push('string-type')
  if (found.canAwait && found.text.includes('await ') && /\b(?:for|while)\b/.test(found.text)) kinds.push('await', 'loop')
  return kinds
}
