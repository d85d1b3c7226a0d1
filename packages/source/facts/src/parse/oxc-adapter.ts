import * as oxc from 'oxc-parser'
import { hasBlindSpot } from './has-blind-spot.ts'
import { readLazyModule, readPublicModule, type ModuleRecord } from './module-record.ts'
import { takeImports } from './take-imports.ts'

export type NodeKind =
  | 'any'
  | 'unknown'
  | 'cast'
  | 'call'
  | 'catch'
  | 'await'
  | 'loop'
  | 'function'
  | 'arrow'
  | 'string-type'
  | 'number-type'
  | 'member'

/** What all of the parser's representations have in common; everything else is read from the text between two offsets. */
export interface SyntaxNode {
  readonly start: number
  readonly end: number
}

export interface NodeWithBody extends SyntaxNode {
  readonly id?: { readonly name: string } | null
  readonly body: SyntaxNode | null
}

export interface ParseRequest {
  readonly path: string
  readonly text: string
  readonly kinds: readonly NodeKind[]
  readonly visit: (kind: NodeKind, node: SyntaxNode) => void
  /** `eager` is the public interface: slower, the reference for the comparison test and the fallback. */
  readonly mode?: 'lazy' | 'eager'
}

export interface ParseOutcome {
  readonly module: ModuleRecord
  readonly error: { readonly message: string; readonly at: number } | null
}

/** The only module that knows the parser. Lazy trees cost a quarter of whole ones, but are the parser's private business: see the comparison test. */
export function parseWithOxc(request: ParseRequest): ParseOutcome {
  const taken = takeImports(request.text)
  if (taken !== null) {
    const { module, error } = parseText({ ...request, text: taken.text })
    return { module: { ...module, imports: [...taken.imports, ...module.imports] }, error }
  }
  return parseText(request)
}

function parseText(request: ParseRequest): ParseOutcome {
  const mode = request.mode ?? (canBeLazy() && !hasBlindSpot(request.text) ? 'lazy' : 'eager')
  return mode === 'lazy' ? parseLazily(request) : parseEagerly(request)
}

const lazyNames: Readonly<Record<NodeKind, readonly string[]>> = {
  any: ['TSAnyKeyword'],
  unknown: ['TSUnknownKeyword'],
  cast: ['TSAsExpression', 'TSTypeAssertion'],
  call: ['CallExpression'],
  catch: ['CatchClause'],
  await: ['AwaitExpression'],
  loop: ['ForStatement', 'ForInStatement', 'ForOfStatement', 'WhileStatement', 'DoWhileStatement'],
  function: ['Function'],
  arrow: ['ArrowFunctionExpression'],
  'string-type': ['TSStringKeyword'],
  'number-type': ['TSNumberKeyword'],
  member: ['StaticMemberExpression'],
}

const eagerNames: Readonly<Record<NodeKind, readonly string[]>> = {
  ...lazyNames,
  function: ['FunctionDeclaration', 'FunctionExpression', 'TSDeclareFunction', 'TSEmptyBodyFunctionExpression'],
  member: ['MemberExpression'],
}

interface LazyResult {
  readonly module: unknown
  readonly errors: readonly { readonly severity: string; readonly message: string; readonly labels: readonly SyntaxNode[] }[]
  visit(visitor: unknown): void
  dispose(): void
}
type LazyVisitor = new (handlers: Readonly<Record<string, (node: SyntaxNode) => void>>) => unknown

/** Exported by the parser, but left out of its typings. */
const experimental = oxc as unknown as { readonly experimentalGetLazyVisitor?: () => LazyVisitor }

let lazySupport: boolean | undefined
function canBeLazy(): boolean {
  lazySupport ??= oxc.rawTransferSupported() && experimental.experimentalGetLazyVisitor !== undefined
  return lazySupport
}

// One visitor object per set of kinds: the parser compiles a dispatch table for each.
const visitors = new Map<string, unknown>()
let current: ParseRequest['visit'] = () => {}

function parseLazily(request: ParseRequest): ParseOutcome {
  const result = oxc.parseSync(request.path, request.text, { experimentalLazy: true } as object) as unknown as LazyResult
  try {
    const module = readLazyModule(result.module, request.text)
    if (request.kinds.length > 0) {
      current = request.visit
      result.visit(lazyVisitor(request.kinds))
    }
    return { module, error: firstError(result.errors) }
  } finally {
    result.dispose()
  }
}

function lazyVisitor(kinds: readonly NodeKind[]): unknown {
  const key = kinds.join()
  const known = visitors.get(key)
  if (known !== undefined) return known
  const Lazy = experimental.experimentalGetLazyVisitor?.()
  if (Lazy === undefined) throw new Error('lazy trees were chosen without support for them')
  const visitor = new Lazy(handlersFor(kinds, lazyNames))
  visitors.set(key, visitor)
  return visitor
}

function handlersFor(
  kinds: readonly NodeKind[],
  names: Readonly<Record<NodeKind, readonly string[]>>,
): Record<string, (node: SyntaxNode) => void> {
  const handlers: Record<string, (node: SyntaxNode) => void> = {}
  for (const kind of kinds) for (const name of names[kind]) handlers[name] = (node) => current(kind, node)
  return handlers
}

function parseEagerly(request: ParseRequest): ParseOutcome {
  const result = oxc.parseSync(request.path, request.text, { preserveParens: true })
  const module = readPublicModule(result.module, request.text)
  current = request.visit
  new oxc.Visitor(handlersFor(request.kinds, eagerNames)).visit(result.program)
  return { module, error: firstError(result.errors) }
}

function firstError(errors: LazyResult['errors']): ParseOutcome['error'] {
  const error = errors.find((candidate) => candidate.severity === 'Error')
  return error === undefined ? null : { message: error.message, at: error.labels[0]?.start ?? 0 }
}
