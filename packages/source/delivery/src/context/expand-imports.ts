import { posix } from 'node:path'
import type { TreeReader } from './tree-reader.ts'

export interface ImportMention {
  /** As written, without the `@`. */
  readonly target: string
  /** Relative to the root; may leave it with `..`. */
  readonly path: string
  readonly index: number
}

const deepest = 5

/** `@path` mentions outside code spans and fences. An `@` inside a word, such as an address, is none. */
export function importMentions(text: string, file: string): ImportMention[] {
  const masked = maskCode(text)
  return [...masked.matchAll(/(?<=^|\s)@([^\s`]+)/g)].flatMap((match) => {
    const target = match[1] ?? ''
    if (target.startsWith('/') || target.startsWith('~')) return []
    return [{ target, path: posix.normalize(posix.join(posix.dirname(file), target)), index: match.index }]
  })
}

/** Replaces each mention by the file's text, framed as Gemini CLI does. */
export function inlineImports(tree: TreeReader, file: string, text: string, depth = 0): string {
  if (depth >= deepest) return text
  let output = ''
  let from = 0
  for (const mention of importMentions(text, file)) {
    const imported = /\.[A-Za-z0-9]+$/.test(mention.target) ? tree.read(mention.path) : null
    if (imported === null) continue
    const inner = inlineImports(tree, mention.path, imported, depth + 1)
    output += `${text.slice(from, mention.index)}<!-- Imported from: ${mention.target} -->\n${inner}\n<!-- End of import from: ${mention.target} -->`
    from = mention.index + mention.target.length + 1
  }
  return output + text.slice(from)
}

/** Keeps every offset, so that mentions can be replaced in the original. */
function maskCode(text: string): string {
  return text
    .replaceAll(/^ {0,3}(`{3,}|~{3,})[\s\S]*?(?:^ {0,3}\1[`~]*[ \t]*\r?$|$(?![\s\S]))/gm, blank)
    .replaceAll(/`[^`\n]+`/g, blank)
}

function blank(match: string): string {
  return match.replaceAll(/[^\n]/g, 'x')
}
