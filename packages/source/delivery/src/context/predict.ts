import { changeText } from './change-text.ts'
import { importMentions, inlineImports } from './expand-imports.ts'
import type { LoadingRules } from './loading-rules.ts'
import { matchesRule, ruleFiles } from './rule-files.ts'
import type { TreeReader } from './tree-reader.ts'

export interface Piece {
  /** Relative to the root. */
  readonly path: string
  readonly via: 'chain' | 'import' | 'rule' | 'nested'
  /** What the agent receives of the file, as it receives it. */
  readonly text: string
  /** Bytes of the text that a cap left out; 0 when whole. */
  readonly cutBytes: number
}

export interface Loss {
  readonly path: string
  readonly reason: 'over-cap' | 'shadowed' | 'hidden' | 'outside-folder' | 'not-read'
  readonly text: string
}

export interface Prediction {
  readonly start: readonly Piece[]
  /** The exact text that the start pieces form in the first request. */
  readonly startText: string
  /** What arrives when the file is touched. */
  readonly later: readonly Piece[]
  readonly lost: readonly Loss[]
}

export interface PredictInput {
  readonly rules: LoadingRules
  readonly tree: TreeReader
  /** Absolute; stands in the frames. */
  readonly root: string
  /** Relative to the root, `` for the root itself. */
  readonly folder: string
  readonly isRepository: boolean
  /** Relative to the root; the file that is touched. */
  readonly file?: string
}

/** What an agent program receives in a folder, and when it touches a file. Pure over the tree. */
export function predict(input: PredictInput): Prediction {
  const folders = foldersDown(input)
  const found = gather(input, folders)
  const { start, lost } = applyCap(found.pieces, input.rules.capBytes)
  const later = input.file === undefined ? [] : laterPieces({ ...input, file: input.file }, start)
  return { start, startText: frameStart(input, start), later, lost: [...found.lost, ...lost] }
}

/** From the outermost folder that loads to the working directory. */
function foldersDown(input: PredictInput): string[] {
  if (!input.isRepository && input.rules.outsideGit === 'folder-only') return [input.folder]
  const parts = input.folder === '' ? [] : input.folder.split('/')
  return ['', ...parts.map((_, index) => parts.slice(0, index + 1).join('/'))]
}

interface Found {
  readonly pieces: readonly Piece[]
  readonly lost: readonly Loss[]
}

function gather(input: PredictInput, folders: readonly string[]): Found {
  const { rules } = input
  const lost: Loss[] = []
  const own = folders.map((folder) => rules.groups.flatMap((group) => folderPieces(input, { folder, group, lost })))
  const hasOwn = own.flat().some((piece) => piece.via === 'chain')
  const fallback =
    rules.fallback === null
      ? []
      : folders.map((folder) => folderPieces(input, { folder, group: [rules.fallback ?? ''], lost: [] }))
  const ordered = (levels: readonly Piece[][]): Piece[] => (rules.order === 'root-first' ? levels : levels.toReversed()).flat()
  const pieces = [...ordered(own), ...(hasOwn ? [] : ordered(fallback))]
  const whole = rules.imports === 'apart' ? withImports(input, pieces, lost) : pieces
  return { pieces: whole, lost: [...lost, ...(hasOwn ? hiddenBy(whole, fallback.flat()) : [])] }
}

/** A hidden file is no loss when its words arrive all the same: imported, or as the same file under another name. */
function hiddenBy(pieces: readonly Piece[], hidden: readonly Piece[]): Loss[] {
  const arrived = new Set(pieces.map((piece) => piece.text))
  return hidden
    .filter((piece) => !arrived.has(piece.text))
    .map((piece) => ({ path: piece.path, reason: 'hidden', text: piece.text }))
}

interface GroupPlace {
  readonly folder: string
  readonly group: readonly string[]
  /** Receives what the group's winner shadows. */
  readonly lost: Loss[]
}

function folderPieces(input: PredictInput, place: GroupPlace): Piece[] {
  const { rules, tree } = input
  if (place.group[0] === '*rules') {
    const all = ruleFiles(tree, place.folder, rules)
    const always = all.filter((rule) => rule.globs === null)
    if (rules.rules?.always === 'never')
      for (const { path, text, globs } of all) if (globs?.length === 0) place.lost.push({ path, reason: 'not-read', text })
    return always.map((rule) => ({ path: rule.path, via: 'rule', text: changeText(rule.text, rules.startText), cutBytes: 0 }))
  }
  const pieces: Piece[] = []
  for (const name of place.group) {
    const path = place.folder === '' ? name : `${place.folder}/${name}`
    const raw = tree.read(path)
    if (raw === null || (rules.skipsBlank && raw.trim() === '')) continue
    const expanded = rules.imports === 'inline' ? inlineImports(tree, path, raw) : raw
    const text = changeText(expanded, rules.startText)
    if (pieces.length > 0) place.lost.push({ path, reason: 'shadowed', text })
    else pieces.push({ path, via: 'chain', text, cutBytes: 0 })
  }
  return pieces
}

/** Each imported file becomes a piece after the one that mentions it, once, and only from below the working directory. */
function withImports(input: PredictInput, pieces: readonly Piece[], lost: Loss[]): Piece[] {
  const seen = new Set(pieces.map((piece) => piece.path))
  const follow = (piece: Piece, depth: number): Piece[] => {
    if (depth >= 5 || piece.via === 'rule') return [piece]
    const imported = importMentions(piece.text, piece.path).flatMap((mention): Piece[] => {
      const raw = seen.has(mention.path) ? null : input.tree.read(mention.path)
      if (raw === null) return []
      const text = changeText(raw, input.rules.startText)
      if (!isBelow(mention.path, input.folder)) {
        lost.push({ path: mention.path, reason: 'outside-folder', text })
        return []
      }
      seen.add(mention.path)
      return follow({ path: mention.path, via: 'import', text, cutBytes: 0 }, depth + 1)
    })
    return [piece, ...imported]
  }
  return pieces.flatMap((piece) => follow(piece, 0))
}

function isBelow(path: string, folder: string): boolean {
  return !path.startsWith('../') && (folder === '' || path.startsWith(`${folder}/`))
}

/** In chain order the first bytes win; a character that the cut splits arrives broken. */
function applyCap(pieces: readonly Piece[], cap: number | null): { readonly start: Piece[]; readonly lost: Loss[] } {
  if (cap === null) return { start: [...pieces], lost: [] }
  const start: Piece[] = []
  const lost: Loss[] = []
  let room = cap
  for (const piece of pieces) {
    const bytes = Buffer.from(piece.text, 'utf8')
    if (room === 0) lost.push({ path: piece.path, reason: 'over-cap', text: piece.text })
    else if (bytes.length <= room) start.push(piece)
    else {
      start.push({ ...piece, text: bytes.subarray(0, room).toString('utf8'), cutBytes: bytes.length - room })
      lost.push({ path: piece.path, reason: 'over-cap', text: bytes.subarray(room).toString('utf8') })
    }
    room = Math.max(0, room - bytes.length)
  }
  return { start, lost }
}

function frameStart(input: PredictInput, pieces: readonly Piece[]): string {
  if (pieces.length === 0) return ''
  const { frame, framedApart } = input.rules
  const cwd = absolute(input.root, input.folder)
  const framed = pieces.map((piece) => {
    const template = framedApart[piece.path.split('/').at(-1) ?? ''] ?? frame.piece
    return fill(template, { cwd, path: absolute(input.root, piece.path), text: piece.text })
  })
  return `${fill(frame.open, { cwd, path: '', text: '' })}${framed.join(frame.between)}${frame.close}`
}

/** One pass, so that braces inside a file's text are never filled in. */
function fill(template: string, values: { readonly cwd: string; readonly path: string; readonly text: string }): string {
  return template.replaceAll(/\{(cwd|path|text)\}/g, (_, name: 'cwd' | 'path' | 'text') => values[name])
}

function absolute(root: string, path: string): string {
  return path === '' ? root : `${root}/${path}`
}

function laterPieces(input: PredictInput & { readonly file: string }, start: readonly Piece[]): Piece[] {
  const { rules, file } = input
  const known = new Set(start.map((piece) => piece.path))
  const parts = file.split('/').slice(0, -1)
  const above = ['', ...parts.map((_, index) => parts.slice(0, index + 1).join('/'))]
  const nested = above.filter((folder) => rules.nestedOnRead && folder !== input.folder && isBelow(folder, input.folder))
  const ordered = rules.order === 'root-first' ? nested : nested.toReversed()
  const hasFallback =
    rules.fallbackOnRead === 'each-folder' ||
    !start.some((piece) => piece.via === 'chain' && !piece.path.endsWith(rules.fallback ?? ''))
  const own = ordered.flatMap((folder) => nestedPieces(input, { folder, hasFallback }))
  const scoped = above.flatMap((folder) =>
    ruleFiles(input.tree, folder, rules)
      .filter((rule) => matchesRule(rule, folder, file))
      .map((rule): Piece => ({ path: rule.path, via: 'rule', text: changeText(rule.text, rules.readText), cutBytes: 0 })),
  )
  return [...own, ...scoped].filter((piece) => !known.has(piece.path))
}

function nestedPieces(input: PredictInput, place: { readonly folder: string; readonly hasFallback: boolean }): Piece[] {
  const asRead: PredictInput = { ...input, rules: { ...input.rules, startText: input.rules.readText } }
  const pieces = input.rules.groups.flatMap((group) => folderPieces(asRead, { folder: place.folder, group, lost: [] }))
  const isOwn = pieces.some((piece) => piece.via === 'chain')
  const group = place.hasFallback && !isOwn && input.rules.fallback !== null ? [input.rules.fallback] : []
  const direct = [...pieces, ...folderPieces(asRead, { folder: place.folder, group, lost: [] })]
  const all = input.rules.imports === 'apart' ? withImports(asRead, direct, []) : direct
  return all.map((piece) => (piece.via === 'chain' ? { ...piece, via: 'nested' } : piece))
}
