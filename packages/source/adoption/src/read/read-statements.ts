import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'
import type { Code, Nodes, Paragraph } from 'mdast'

export interface Statement {
  readonly file: string
  /** From 1, within the file. */
  readonly line: number
  /** The words on one line, markup removed; code keeps its backticks. */
  readonly text: string
  /** The headings above it, outermost first. */
  readonly headings: readonly string[]
}

export interface Mention {
  readonly file: string
  readonly line: number
  readonly text: string
  /** It stands in words that give an example. */
  readonly isExample?: boolean
}

export interface Instructions {
  /** Sentences that ask for something. */
  readonly statements: readonly Statement[]
  /** Targets of relative links. */
  readonly links: readonly Mention[]
  /** Words in backticks. */
  readonly codes: readonly Mention[]
  /** Lines of shell blocks. */
  readonly commands: readonly Mention[]
}

export interface MarkdownSource {
  readonly file: string
  readonly text: string
  /** The file's line of the text's first line. */
  readonly firstLine: number
}

const mostCharacters = 600

/** What a Markdown file asks for and points at. Nothing of it is run. */
export function readInstructions(source: MarkdownSource): Instructions {
  const tree = fromMarkdown(source.text.replaceAll('\r\n', '\n'), { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] })
  const collected: Collected = { source, headings: [], isExample: false, statements: [], links: [], codes: [], commands: [] }
  for (const node of tree.children) visit(node, collected)
  return collected
}

interface Collected {
  readonly source: MarkdownSource
  headings: string[]
  isExample: boolean
  readonly statements: Statement[]
  readonly links: Mention[]
  readonly codes: Mention[]
  readonly commands: Mention[]
}

function visit(node: Nodes, into: Collected): void {
  const line = into.source.firstLine + (node.position?.start.line ?? 1) - 1
  const file = into.source.file
  if (node.type === 'heading') into.headings = [...into.headings.slice(0, node.depth - 1), plainText(node)]
  if (node.type === 'code') collectCommands(node, line, into)
  if (node.type === 'link') into.links.push({ file, line, text: node.url })
  if (node.type === 'inlineCode') into.codes.push({ file, line, text: node.value, isExample: into.isExample })
  if (node.type === 'paragraph') {
    into.isExample = /\b(?:examples?|e\.g\.|for instance|such as|suppose)(?:\b|\s)/i.test(plainText(node))
    collectStatements(node, line, into)
  }
  if ('children' in node) for (const child of node.children) visit(child, into)
  if (node.type === 'paragraph') into.isExample = false
}

const shells = new Set(['', 'sh', 'bash', 'shell', 'zsh', 'console', 'shellsession'])

function collectCommands(node: Code, line: number, into: Collected): void {
  if (!shells.has(node.lang ?? '')) return
  for (const [index, text] of node.value.split('\n').entries())
    into.commands.push({ file: into.source.file, line: line + index + 1, text: text.replace(/^\s*\$\s+/, '').trim() })
}

const asks =
  /\b(?:must|never|always|do not|don't|should(?:n't)?|avoid|prefer|ensure|forbidden|disallowed|make sure)\b|^(?:\W*)(?:use|keep|run|write|add|put|follow|name|import|export|place|call|pass|return|throw|test|check|read|create|update|document|include|remove|delete|split|no)\b/i

/** One per list item; a paragraph of prose is split at sentence ends, because each sentence may ask for something else. */
function collectStatements(node: Paragraph, line: number, into: Collected): void {
  const whole = plainText(node)
  for (const sentence of whole.split(/(?<=[.!?])\s+(?=[A-Z`])/)) {
    const text = sentence.trim()
    if (text.length < 8 || text.length > mostCharacters || !asks.test(text)) continue
    into.statements.push({ file: into.source.file, line, text, headings: into.headings.filter((heading) => heading !== '') })
  }
}

function plainText(node: Nodes): string {
  if (node.type === 'inlineCode') return `\`${node.value}\``
  if ('value' in node) return node.type === 'html' ? '' : node.value.replaceAll(/\s+/g, ' ')
  if (node.type === 'break') return ' '
  return 'children' in node ? node.children.map(plainText).join('') : ''
}
