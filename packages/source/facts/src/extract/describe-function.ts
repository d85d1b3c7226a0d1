import type { NodeKind, NodeWithBody } from '../parse/oxc-adapter.ts'
import { bodyPrint } from '../parse/text-print.ts'

/** Extent of a function with a block body. */
export interface FunctionSpan {
  readonly kind: 'function' | 'arrow'
  readonly start: number
  readonly end: number
  readonly bodyStart: number
}

export interface FunctionName {
  /** What the code before the function binds it to; empty for one nobody can call by name. */
  readonly name: string
  /** Declared on its own: neither a method nor a callback. */
  readonly isFree: boolean
  /** Hash of parameters and body. */
  print(): string
}

export function isFunctionKind(kind: NodeKind): kind is FunctionSpan['kind'] {
  return kind === 'function' || kind === 'arrow'
}

/** Each look at a node's field makes an object: the text is asked first. */
export function functionSpan(kind: FunctionSpan['kind'], node: NodeWithBody, text: string): FunctionSpan | null {
  const { start, end } = node
  if (text.charCodeAt(end - 1) !== closingBrace) return null
  const { body } = node
  return body === null ? null : { kind, start, end, bodyStart: body.start }
}

const closingBrace = 125

/** Asked of the few functions that are long enough to be told about. */
export function nameFunction({ kind, start, end }: FunctionSpan, text: string): FunctionName {
  const before = text.slice(Math.max(0, start - 120), start)
  const declared =
    kind === 'function' ? /^(?:async\s+)?function\s*\*?\s*([\w$]+)/.exec(text.slice(start, start + 120))?.[1] : undefined
  const bound = declared ?? boundName(kind, before)
  const isFree = declared !== undefined || /\b(?:const|let|var)\s+[\w$]+[^;\n]*=\s*$/.test(before)
  const from = declared === undefined ? start : text.indexOf(declared, start) + declared.length
  return { name: bound ?? '', isFree, print: () => bodyPrint(text.slice(from, end)) }
}

function boundName(kind: FunctionSpan['kind'], before: string): string | undefined {
  if (kind === 'function' && /[\w$\])]\s*$/.test(before)) return /([#\w$]+)\s*$/.exec(before)?.[1]
  // Most are handed to a call: after anything but these two signs the pattern would be tried at every letter for nothing.
  return /[=:]\s*$/.test(before) ? /([#\w$]+)\??\s*(?::[^=;{}\n]*)?(?:=|:)\s*$/.exec(before)?.[1] : undefined
}
