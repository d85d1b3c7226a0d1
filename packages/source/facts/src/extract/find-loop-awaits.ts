import type { SyntaxNode } from '../parse/oxc-adapter.ts'
import type { ParsedSource } from './extract-source.ts'

/** Awaits that make a loop over items run one item after the other. Loops that repeat until something happens have to wait; what is returned ends the loop. */
export function findLoopAwaits({ nodes, text }: ParsedSource): SyntaxNode[] {
  if (nodes.loops.length === 0) return []
  return nodes.awaits.filter((node) => {
    const loop = innermost(nodes.loops, node.start)
    const owner = innermost(nodes.functions, node.start)
    const isLast = /\breturn\s+$/.test(text.slice(Math.max(0, node.start - 12), node.start))
    return loop !== null && !loop.isRepeat && !isLast && (owner === null || owner.start < loop.start)
  })
}

function innermost<T extends SyntaxNode>(spans: readonly T[], at: number): T | null {
  let found: T | null = null
  for (const span of spans) if (span.start <= at && at < span.end && (found === null || span.start > found.start)) found = span
  return found
}
