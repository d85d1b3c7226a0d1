import type { Site, SiteKind } from '../file-facts.ts'
import type { SyntaxNode } from '../parse/oxc-adapter.ts'
import { nameFunction, type FunctionSpan } from './describe-function.ts'
import type { ParsedSource } from './extract-source.ts'
import { findLoopAwaits } from './find-loop-awaits.ts'

export interface RawNodes {
  readonly casts: SyntaxNode[]
  readonly functions: FunctionSpan[]
  readonly catches: SyntaxNode[]
  readonly awaits: SyntaxNode[]
  readonly loops: LoopSpan[]
  readonly keywords: (SyntaxNode & { readonly kind: string })[]
  readonly calls: SyntaxNode[]
  readonly members: SyntaxNode[]
}

export interface LoopSpan extends SyntaxNode {
  /** Repeats until something happens, rather than once per item. */
  readonly isRepeat: boolean
}

/** Places in a parsed file that rules may care about, with what their surroundings already do about it. */
export function readSites(source: ParsedSource): Site[] {
  return [
    ...castSites(source),
    ...keywordSites(source),
    ...callSites(source),
    ...environmentSites(source),
    ...catchSites(source),
    ...typedSites(source),
    ...guardSites(source),
    ...findLoopAwaits(source).map((node) =>
      toSite(source, { kind: 'await-in-loop', at: node.start, detail: shorten(source.text.slice(node.start, node.end)) }),
    ),
  ]
}

interface Place {
  readonly kind: SiteKind
  readonly at: number
  readonly detail: string
  readonly isGuarded?: boolean
}

function toSite(source: ParsedSource, place: Place): Site {
  const line = source.lines.lineAt(place.at)
  return {
    kind: place.kind,
    line,
    column: source.lines.columnAt(place.at),
    detail: place.detail,
    isGuarded: place.isGuarded ?? false,
    print: source.lines.printOf(line),
  }
}

/** `a as unknown as B` is one decision, not two: the outermost cast counts. */
function castSites(source: ParsedSource): Site[] {
  const sites: Site[] = []
  let coveredUntil = -1
  for (const cast of source.nodes.casts.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    if (cast.end <= coveredUntil) continue
    const text = source.text.slice(cast.start, cast.end)
    const type = text.startsWith('<') ? /^<([^>]*)>/.exec(text)?.[1] : text.slice(text.lastIndexOf(' as ') + 4).trim()
    if (type === undefined || type === 'const') continue
    coveredUntil = cast.end
    const isGuarded = source.schemaCalls.isBetween(cast.start, cast.end)
    sites.push(toSite(source, { kind: 'cast', at: cast.start, detail: shorten(type), isGuarded }))
  }
  return sites
}

function keywordSites(source: ParsedSource): Site[] {
  return source.nodes.keywords
    .filter((node) => node.kind === 'any' || node.kind === 'unknown')
    .map((node) =>
      toSite(source, {
        kind: node.kind as 'any' | 'unknown',
        at: node.start,
        detail: node.kind,
        isGuarded: node.kind === 'unknown' && isParsedNear(source, node.start),
      }),
    )
}

function callSites(source: ParsedSource): Site[] {
  return source.nodes.calls.flatMap((node) => {
    const call = source.candidates.calls.get(node.start)
    if (call !== undefined && /^\s*\(/.test(source.text.slice(node.start + call.name.length, node.end)))
      return [toSite(source, { kind: call.kind, at: node.start, ...describeCall(call, source, node) })]
    if (
      !source.candidates.jsonBodies.has(node.end) ||
      !isBodyOf(source.text.slice(Math.max(node.start, node.end - longestLook), node.end))
    )
      return []
    return [
      toSite(source, {
        kind: 'boundary-call',
        at: node.start,
        detail: shorten(source.text.slice(node.start, node.end)),
        isGuarded: isParsedNear(source, node.start),
      }),
    ]
  })
}

/** `.json()` of something that came over the network; schemas and loggers have methods of that name too. */
function isBodyOf(call: string): boolean {
  return /(?:\)|\b\w*(?:res|resp|response|request|req|reply|fetched|result)\w*)\s*\.json\s*\(\s*\)$/i.test(call)
}

function describeCall(
  call: { readonly kind: string; readonly name: string },
  source: ParsedSource,
  node: SyntaxNode,
): { detail: string; isGuarded: boolean } {
  const args = bothEnds(source.text.slice(node.start + call.name.length, node.end))
  if (call.kind === 'boundary-call')
    return {
      detail: call.name,
      isGuarded: /^\s*\(\s*(?:[\w$]+\.)?(?:stringify|serialize)\w*\(/.test(args) || isParsedNear(source, node.start),
    }
  if (call.kind === 'fetch')
    return {
      detail: shorten(call.name + args),
      isGuarded: /\bsignal\b|\btimeout/i.test(args) || passesOptionsOn.test(args),
    }
  if (call.kind === 'fan-out')
    return {
      detail: shorten(/^\(\s*([\w$.?[\]()]+?)\s*\.map\(/.exec(args)?.[1] ?? ''),
      isGuarded: !/^\(\s*[\w$.?[\]()]+?\s*\.map\(/.test(args),
    }
  return { detail: call.name, isGuarded: false }
}

/** So much of either end says what a call is given; what is between may be the rest of the file. */
const longestLook = 2_000

function bothEnds(text: string): string {
  return text.length <= 2 * longestLook ? text : text.slice(0, longestLook) + text.slice(-longestLook)
}

/** The caller decides: whole options, or options spread into these. */
const passesOptionsOn = /,\s*[\w$.]+\s*,?\s*\)$|^\(\s*\.\.\.|,\s*\{\s*\.\.\.|\.\.\.[\w$.]+\s*,?\s*\}\s*,?\s*\)$/

function environmentSites(source: ParsedSource): Site[] {
  const members = new Set(source.nodes.members.map((node) => node.start))
  return source.candidates.environment
    .filter((at) => members.has(at))
    .map((at) =>
      toSite(source, {
        kind: 'env',
        at,
        detail: shorten(/^process\.env(?:\.\w+|\[[^\]\n]*\])?/.exec(source.text.slice(at, at + 80))?.[0] ?? ''),
        isGuarded: isParsedNear(source, at),
      }),
    )
}

function catchSites(source: ParsedSource): Site[] {
  return source.nodes.catches.flatMap((node) => {
    if (node.end - node.start > longestEmpty) return []
    const text = source.text.slice(node.start, node.end)
    const bare = text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '')
    return /\{\s*\}$/.test(bare)
      ? [toSite(source, { kind: 'swallowed', at: node.start, detail: 'catch', isGuarded: bare !== text })]
      : []
  })
}

/** Nothing but comments is never longer. */
const longestEmpty = 10_000

function typedSites(source: ParsedSource): Site[] {
  const types = new Set(source.nodes.keywords.map((node) => node.start))
  return source.candidates.typed
    .filter((name) => types.has(name.typeAt))
    .map((name) =>
      toSite(source, {
        kind: name.kind,
        at: name.at,
        detail: name.name,
        isGuarded: name.kind === 'duration' && (hasUnit.test(name.name) || isTimer(name.name, source.text, name.typeAt)),
      }),
    )
}

/** What `setInterval` returns is a number in browsers. */
function isTimer(name: string, text: string, typeAt: number): boolean {
  return /(?:interval|timeout|timer)$/i.test(name) && /^number\s*\|\s*(?:null|undefined)/.test(text.slice(typeAt, typeAt + 40))
}

const hasUnit =
  /(?:Ms|Millis(?:econds)?|Sec(?:ond)?s?|Min(?:ute)?s?|Hours?|Days?|Weeks?|Ns|Us|Frames|_ms|_s|Count|Limit|Id|Index|Level|Factor|Ratio|Exponent|Multiplier)$|^(?:ms|seconds|minutes)[A-Z]/

function guardSites(source: ParsedSource): Site[] {
  const { text } = source
  return source.nodes.functions
    .filter((span) =>
      /\)\s*:\s*(?:asserts\s+)?[\w$]+\s+is\s/.test(
        text.slice(Math.max(span.start, span.bodyStart - longestBefore), span.bodyStart),
      ),
    )
    .map((span) => ({ at: span.start, detail: nameFunction(span, text).name }))
    .filter(({ detail }) => shapeGuard.test(detail))
    .map((place) => toSite(source, { kind: 'type-guard', ...place }))
}

const shapeGuard = /^is(?:Record|Object|PlainObject|Dict|JsonObject|StringRecord)$/

/** Whether the function around the offset hands the value to a schema. */
function isParsedNear(source: ParsedSource, at: number): boolean {
  const { text } = source
  const inner = source.functionAt(at)
  // A line may have a megabyte, and each of its places asks.
  const from = Math.max(0, at - longestLook)
  const lineStart = from + text.slice(from, at).lastIndexOf('\n') + 1
  const rest = text.slice(at, at + longestLook)
  const lineEnd = at + (rest.includes('\n') ? rest.indexOf('\n') + 1 : rest.length)
  const scope = inner === null ? { start: lineStart, end: lineEnd } : { start: inner.bodyStart, end: inner.end }
  // Where the result is declared `unknown`, the compiler asks for the parse.
  const header = inner === null ? '' : text.slice(Math.max(inner.start, inner.bodyStart - longestLook), inner.bodyStart)
  return (
    source.schemaCalls.isBetween(scope.start, scope.end) ||
    /:\s*(?:Promise<)?unknown\b[>\s]*$/.test(header.trimEnd().replace(/=>$/, '').trimEnd()) ||
    isUnknown(source, text.slice(Math.max(lineStart, at - longestBefore), at), scope)
  )
}

const longestBefore = 300

/** The result goes to a name that is declared `unknown`, on this line or before. */
function isUnknown(source: ParsedSource, before: string, scope: SyntaxNode): boolean {
  if (/:\s*unknown\s*=[^=]*$/.test(before)) return true
  const name = /(?:^|[\s(])([\w$]+)\s*=\s*$/.exec(before)?.[1]
  return name !== undefined && source.schemaCalls.isUnknownBetween(name, scope.start, scope.end)
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ')
  return line.length <= 60 ? line : `${line.slice(0, 57)}…`
}
