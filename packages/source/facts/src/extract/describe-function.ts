import type { NodeWithBody } from '../parse/oxc-adapter.ts'
import { textPrint } from '../parse/text-print.ts'

export interface FunctionSpan {
  readonly start: number
  readonly end: number
  readonly bodyStart: number
  readonly name: string
  /** Declared on its own: neither a method nor a callback. */
  readonly isFree: boolean
  /** Hash of parameters and body. */
  print(): string
}

/** Name and extent of a function with a block body; the name is what the code before it binds it to. */
export function describeFunction(kind: 'function' | 'arrow', node: NodeWithBody, text: string): FunctionSpan | null {
  const { start, end, body } = node
  const bodyStart = body === null ? -1 : body.start
  if (bodyStart === -1 || text.charCodeAt(end - 1) !== closingBrace) return null
  const before = text.slice(Math.max(0, start - 120), start)
  const declared =
    kind === 'function' ? /^(?:async\s+)?function\s*\*?\s*([\w$]+)/.exec(text.slice(start, start + 120))?.[1] : undefined
  const bound = declared ?? boundName(kind, before)
  const isFree = declared !== undefined || /\b(?:const|let|var)\s+[\w$]+[^;\n]*=\s*$/.test(before)
  const from = declared === undefined ? start : text.indexOf(declared, start) + declared.length
  return { start, end, bodyStart, name: bound ?? '', isFree, print: () => textPrint(text, from, end) }
}

const closingBrace = 125

function boundName(kind: 'function' | 'arrow', before: string): string | undefined {
  if (kind === 'function' && /[\w$\])]\s*$/.test(before)) return /([#\w$]+)\s*$/.exec(before)?.[1]
  return /([#\w$]+)\??\s*(?::[^=;{}\n]*)?(?:=|:)\s*$/.exec(before)?.[1]
}
