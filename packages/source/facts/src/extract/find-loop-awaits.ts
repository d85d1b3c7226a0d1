import type { SyntaxNode } from '../parse/oxc-adapter.ts'
import type { RawNodes } from './read-sites.ts'

/** Awaits that make a loop over items run one item after the other. Loops that repeat until something happens have to wait. */
export function findLoopAwaits(nodes: RawNodes): SyntaxNode[] {
  if (nodes.loops.length === 0) return []
  return nodes.awaits.filter((node) => {
    const loop = innermost(nodes.loops, node.start)
    const owner = innermost(nodes.functions, node.start)
    return loop !== null && !loop.isRepeat && (owner === null || owner.start < loop.start)
  })
}

function innermost<T extends SyntaxNode>(spans: readonly T[], at: number): T | null {
  let found: T | null = null
  for (const span of spans) if (span.start <= at && at < span.end && (found === null || span.start > found.start)) found = span
  return found
}
