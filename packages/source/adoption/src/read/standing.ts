import type { Nodes, Paragraph } from 'mdast'
import { plainText } from './plain-text.ts'

/** `alone`: an item of a plain list, on one line, that is this sentence and nothing else. `lead`: the words that open the list. */
export type Standing = { readonly kind: 'alone'; readonly lead: string } | { readonly kind: 'bound'; readonly why: string }

/** What a sentence hangs on in its file; taking it out must change the meaning of no other word. */
export function standingOf(
  node: Paragraph,
  { ancestors, isWhole }: { readonly ancestors: readonly Nodes[]; readonly isWhole: boolean },
): Standing {
  const [root, list, item, ...deeper] = ancestors
  if (!isWhole) return bound('it stands among other sentences')
  if (root?.type !== 'root' || list?.type !== 'list' || item?.type !== 'listItem' || deeper.length > 0)
    return bound('it is no item of a list at the first level')
  if (list.ordered === true) return bound('its list is numbered, and other words may name the number')
  if (typeof item.checked === 'boolean') return bound('it is a task that can be ticked off')
  if (item.children.length > 1) return bound('more stands under it')
  if (node.position?.start.line !== node.position?.end.line) return bound('it goes over several lines')
  if (!node.children.every(isPlain)) return bound('it holds a link, an image, HTML or words that are struck out')
  const before = root.children[root.children.indexOf(list) - 1]
  if (before === undefined || before.type === 'heading' || before.type === 'thematicBreak') return { kind: 'alone', lead: '' }
  return before.type === 'paragraph'
    ? { kind: 'alone', lead: plainText(before) }
    : bound('what stands before its list may say when it holds')
}

function bound(why: string): Standing {
  return { kind: 'bound', why }
}

function isPlain(node: Nodes): boolean {
  if (node.type === 'strong' || node.type === 'emphasis') return node.children.every(isPlain)
  return node.type === 'text' || node.type === 'inlineCode'
}
