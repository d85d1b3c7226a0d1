import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'
import type { Code, Nodes, Paragraph } from 'mdast'
import { standingOf, type Standing } from './standing.ts'
import { plainText } from './plain-text.ts'

export interface Statement {
  readonly file: string
  /** From 1, within the file. */
  readonly line: number
  /** The words on one line, markup removed; code keeps its backticks. */
  readonly text: string
  /** The headings above it, outermost first. */
  readonly headings: readonly string[]
  /** The words that open its lists, outermost first: "In these files:". */
  readonly leads: readonly string[]
  /** How it stands in its file: only what stands by itself can leave it. */
  readonly standing: Standing
}

export interface Mention {
  readonly file: string
  readonly line: number
  readonly text: string
  /** It stands in words that give an example. */
  readonly isExample?: boolean
}

/** One paragraph of prose, whether it asks for something or not. */
export interface Passage {
  readonly line: number
  readonly text: string
}

export interface Instructions {
  /** Every paragraph and heading, in order. */
  readonly passages: readonly Passage[]
  readonly headingLines: readonly number[]
  /** Headings of the first level. */
  readonly titles: readonly string[]
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
  const collected: Collected = {
    source,
    headings: [],
    isExample: false,
    passages: [],
    headingLines: [],
    titles: [],
    statements: [],
    links: [],
    codes: [],
    commands: [],
  }
  visit(tree, { ancestors: [], into: collected })
  return collected
}

interface Collected extends Instructions {
  readonly source: MarkdownSource
  headings: { readonly depth: number; readonly text: string }[]
  isExample: boolean
  readonly passages: Passage[]
  readonly headingLines: number[]
  readonly titles: string[]
  readonly statements: Statement[]
  readonly links: Mention[]
  readonly codes: Mention[]
  readonly commands: Mention[]
}

interface Visit {
  readonly ancestors: readonly Nodes[]
  readonly into: Collected
}

function visit(node: Nodes, { ancestors, into }: Visit): void {
  const line = into.source.firstLine + (node.position?.start.line ?? 1) - 1
  const file = into.source.file
  if (node.type === 'heading') {
    into.headings = [...into.headings.filter(({ depth }) => depth < node.depth), { depth: node.depth, text: plainText(node) }]
    into.passages.push({ line, text: plainText(node) })
    into.headingLines.push(line)
    if (node.depth === 1) into.titles.push(plainText(node))
  }
  if (node.type === 'code') collectCommands(node, line, into)
  if (node.type === 'link') into.links.push({ file, line, text: node.url })
  if (node.type === 'inlineCode') into.codes.push({ file, line, text: node.value, isExample: into.isExample })
  if (node.type === 'paragraph') {
    into.isExample = /\b(?:examples?|e\.g\.|for instance|such as|suppose)(?:\b|\s)/i.test(plainText(node))
    into.passages.push({ line, text: plainText(node) })
    collectStatements(node, line, { ancestors, into })
  }
  if ('children' in node) for (const child of node.children) visit(child, { ancestors: [...ancestors, node], into })
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

/** Not behind an abbreviation: half of a sentence may say the opposite of the whole. */
const sentenceEnd = /(?<=[.!?])(?<!\b(?:[eE]\.g|[iI]\.e|[cC]f|vs|etc)\.)\s+(?=[A-Z`])/

/** One per list item; a paragraph of prose is split at sentence ends, because each sentence may ask for something else. */
function collectStatements(node: Paragraph, line: number, { ancestors, into }: Visit): void {
  const whole = plainText(node)
  const headings = into.headings.map(({ text }) => text).filter((heading) => heading !== '')
  for (const sentence of whole.split(sentenceEnd)) {
    const text = sentence.trim()
    if (text.length < 8 || text.length > mostCharacters || !asks.test(text)) continue
    const standing = standingOf(node, { ancestors, isWhole: text === whole.trim() })
    into.statements.push({ file: into.source.file, line, text, headings, leads: leadsOf(ancestors), standing })
  }
}

/** A paragraph that ends with a colon opens the list behind it. */
function leadsOf(ancestors: readonly Nodes[]): string[] {
  return ancestors.flatMap((list, at) => {
    const parent = ancestors[at - 1]
    if (list.type !== 'list' || parent === undefined || !('children' in parent)) return []
    const before = parent.children[parent.children.findIndex((child) => child === list) - 1]
    const text = before?.type === 'paragraph' ? plainText(before).trim() : ''
    return text.endsWith(':') ? [text] : []
  })
}
