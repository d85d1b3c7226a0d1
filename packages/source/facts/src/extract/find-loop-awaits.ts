import type { SyntaxNode } from '../parse/oxc-adapter.ts'
import type { ParsedSource } from './extract-source.ts'
import { createSpanIndex } from './span-index.ts'

/** Awaits that make a loop over items run one item after the other. Loops that repeat until something happens have to wait; what is returned ends the loop. */
export function findLoopAwaits({ nodes, text, functionAt }: ParsedSource): SyntaxNode[] {
  if (nodes.loops.length === 0) return []
  const loopAt = createSpanIndex(nodes.loops)
  return nodes.awaits.filter((node) => {
    const loop = loopAt(node.start)
    const owner = functionAt(node.start)
    const isLast = /\breturn\s+$/.test(text.slice(Math.max(0, node.start - 12), node.start))
    return loop !== null && !loop.isRepeat && !isLast && (owner === null || owner.start < loop.start)
  })
}
