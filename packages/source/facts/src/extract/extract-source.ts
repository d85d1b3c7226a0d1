import type { ExportFact, FileFacts, FunctionFact, Site } from '../file-facts.ts'
import { createLineTable, type LineTable } from '../parse/line-table.ts'
import {
  parseWithOxc,
  type NodeKind,
  type NodeWithBody,
  type ParseOutcome,
  type ParseRequest,
  type SyntaxNode,
} from '../parse/oxc-adapter.ts'
import { findPersonalData } from '../secrets/find-personal-data.ts'
import { findSecrets } from '../secrets/find-secrets.ts'
import { functionSpan, isFunctionKind, nameFunction, type FunctionSpan } from './describe-function.ts'
import type { Scan } from './extract-facts.ts'
import { findCandidates, type Candidates } from './find-candidates.ts'
import { configKind, findMentions } from './find-mentions.ts'
import { findReferences } from './find-references.ts'
import { findSchemaCalls, type SchemaCalls } from './find-schema-calls.ts'
import { readExemptions } from './read-exemptions.ts'
import { readSites, type RawNodes } from './read-sites.ts'
import { createSpanIndex } from './span-index.ts'

/** Facts of a TypeScript or JavaScript file, from one parse. */
export function extractSource(
  path: string,
  text: string,
  options: { readonly bytes: number; readonly scan: Scan; readonly mode?: ParseRequest['mode'] },
): FileFacts {
  const lines = createLineTable(text)
  const candidates = findCandidates(text)
  const nodes: RawNodes = { casts: [], functions: [], catches: [], awaits: [], loops: [], keywords: [], calls: [], members: [] }
  const visit = (kind: NodeKind, node: SyntaxNode): void => collect(nodes, kind, { node, text })
  const outcome = parseWithOxc({ path, text, kinds: candidates.kinds, visit, ...(options.mode && { mode: options.mode }) })
  const scanned = options.scan === 'full' ? [...findSecrets(text, lines), ...findPersonalData(text, lines)] : []
  const functionAt = createSpanIndex(nodes.functions)
  const source = { path, text, lines, candidates, nodes, functionAt, schemaCalls: findSchemaCalls(text) }
  return {
    kind: /\.[cm]?tsx?$/.test(path) ? 'source' : 'script',
    bytes: options.bytes,
    lines: lines.count,
    ...toImports(outcome, source),
    exports: outcome.module.exports.map((entry) => toExport(entry, lines)),
    functions: toFunctions(nodes.functions, source),
    sites: [...readSites(source), ...scanned].toSorted(byPlace),
    exemptions: readExemptions(text, lines),
    ...(outcome.error && { problem: { line: lines.lineAt(outcome.error.at), message: outcome.error.message } }),
  }
}

export interface ParsedSource {
  readonly path: string
  readonly text: string
  readonly lines: LineTable
  readonly candidates: Candidates
  readonly nodes: RawNodes
  /** The innermost function around an offset. */
  readonly functionAt: (at: number) => FunctionSpan | null
  readonly schemaCalls: SchemaCalls
}

function collect(nodes: RawNodes, kind: NodeKind, found: { readonly node: SyntaxNode; readonly text: string }): void {
  const { node, text } = found
  if (isFunctionKind(kind)) {
    const span = functionSpan(kind, node as NodeWithBody, text)
    if (span !== null) nodes.functions.push(span)
    return
  }
  const { start, end } = node
  if (kind === 'cast') nodes.casts.push({ start, end })
  else if (kind === 'call') nodes.calls.push({ start, end })
  else if (kind === 'member') nodes.members.push({ start, end })
  else if (kind === 'catch') nodes.catches.push({ start, end })
  else if (kind === 'await') nodes.awaits.push({ start, end })
  else if (kind === 'loop')
    nodes.loops.push({
      start: (node as NodeWithBody).body?.start ?? start,
      end,
      isRepeat: !text.startsWith('for', start) || text.startsWith('for await', start),
    })
  else nodes.keywords.push({ kind, start, end })
}

function toImports(outcome: ParseOutcome, source: ParsedSource): Pick<FileFacts, 'imports' | 'loaders'> {
  const seen = new Set(outcome.module.imports.map((entry) => entry.start))
  const calls = new Set(source.nodes.calls.map(({ start }) => start))
  const { computed } = outcome.module
  const references = findReferences({ ...source, computed, isCall: (at) => calls.has(at) })
  const more = references.found.filter((entry) => !seen.has(entry.start) || entry.form === 'mention')
  const all = [...outcome.module.imports.map(({ statement: _, ...entry }) => entry), ...more]
  const own = all.map((entry) => ({
    ...entry,
    line: source.lines.lineAt(entry.start),
    column: source.lines.columnAt(entry.start),
  }))
  const loaders = references.loaders.length === 0 ? {} : { loaders: references.loaders }
  if (configKind(source.path) === null) return { imports: own, ...loaders }
  const starts = new Set(own.map((entry) => entry.start))
  const mentions = findMentions(source.path, source.text, source.lines).filter((entry) => !starts.has(entry.start))
  return { imports: [...own, ...mentions], ...loaders }
}

function toExport(entry: ParseOutcome['module']['exports'][number], lines: LineTable): ExportFact {
  return {
    name: entry.name,
    line: lines.lineAt(entry.start),
    isType: entry.isType,
    ...(entry.from !== null && { from: entry.from }),
  }
}

const minimumLines = 6

function toFunctions(spans: readonly FunctionSpan[], source: ParsedSource): FunctionFact[] {
  const facts: FunctionFact[] = []
  let sharedUntil = -1
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    const line = source.lines.lineAt(span.start)
    const lines = source.lines.lineAt(span.end) - line + 1
    if (lines < minimumLines) continue
    const { name, isFree, print } = nameFunction(span, source.text)
    const isShareable = name !== '' && isFree && span.start > sharedUntil
    if (isShareable) sharedUntil = span.end
    facts.push({ name, line, lines, ...(isShareable && { hash: print() }) })
  }
  return facts
}

function byPlace(a: Site, b: Site): number {
  return a.line - b.line || a.column - b.column || (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0)
}
