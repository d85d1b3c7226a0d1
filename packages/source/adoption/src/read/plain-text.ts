import type { Nodes } from 'mdast'

/** A node's words on one line; code keeps its backticks. */
export function plainText(node: Nodes): string {
  if (node.type === 'inlineCode') return `\`${node.value}\``
  if ('value' in node) return node.type === 'html' ? '' : node.value.replaceAll(/\s+/g, ' ')
  if (node.type === 'break') return ' '
  return 'children' in node ? node.children.map(plainText).join('') : ''
}
