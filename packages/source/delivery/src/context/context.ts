import { relative, resolve } from 'node:path'
import { CoxError } from '@coxswain/kernel'
import { constraintIds } from './constraint-ids.ts'
import { hookEntries, type ContextHook } from './hook-entries.ts'
import { loadTokenCounter } from './load-token-counter.ts'
import { agentNames, loadingRules, type AgentName } from './loading-rules.ts'
import { predict, type Loss, type Piece } from './predict.ts'
import { skillLines, type SkillLine } from './skill-lines.ts'
import { diskTree, isFolder, isRepository, isThere, realFolder } from './tree-reader.ts'

export interface ContextOptions {
  /** The repository's root. */
  readonly root: string
  /** The folder the agent works in; relative to the root or absolute. */
  readonly folder?: string
  /** The file it touches; relative to the root or absolute. */
  readonly file?: string
  readonly agent?: AgentName
}

export interface ContextPiece {
  readonly path: string
  readonly via: Piece['via']
  readonly bytes: number
  readonly tokens: number
  readonly constraints: readonly string[]
  readonly cutBytes: number
  readonly text: string
}

export interface ContextLoss {
  readonly path: string
  readonly reason: Loss['reason']
  readonly bytes: number
  readonly constraints: readonly string[]
}

export interface ContextSkill extends SkillLine {
  readonly tokens: number
}

export interface Context {
  readonly agent: AgentName
  readonly version: string
  readonly status: 'proved' | 'documented'
  readonly folder: string
  readonly file: string | null
  /** The file is not there yet: what arrives goes by its path alone. */
  readonly isNewFile: boolean
  readonly start: readonly ContextPiece[]
  /** What the start pieces form in the first request, frames included. */
  readonly startText: string
  readonly later: readonly ContextPiece[]
  readonly lost: readonly ContextLoss[]
  /** Skills that the agent is told of at the start; their bodies arrive when it opens them. */
  readonly skills: readonly ContextSkill[]
  /** Commands that the program runs by itself at moments of its work: all, or those that a touch of the file sets off. */
  readonly hooks: readonly ContextHook[]
  /** What keeps the hooks from running: who has to trust what, where the program has to be started. */
  readonly hookNotes: readonly string[]
  /** Of the instructions; what skills cost at the start stands with them. */
  readonly bytes: number
  readonly tokens: number
  /** Constraints that arrive more than once, at the start or later. */
  readonly twice: readonly string[]
  readonly notes: readonly string[]
}

/** What an agent program really receives from the repository in a folder. User-level and organisation-level files are not counted. @throws CoxError FOLDER_MISSING, PATH_OUTSIDE, FILE_UNREADABLE */
export async function context(options: ContextOptions): Promise<Context> {
  const countTokens = await loadTokenCounter()
  const rules = loadingRules[options.agent ?? 'codex']
  const root = realFolder(options.root)
  const folder = folderWithin(root, options.folder ?? '.')
  const file = options.file === undefined ? null : fileWithin(root, options.file)
  const tree = diskTree(root)
  const { hooks, notes: hookNotes } = hookEntries(tree, { agent: rules.agent, folder, file })
  const prediction = predict({
    rules,
    tree,
    root,
    folder,
    isRepository: isRepository(root),
    ...(file === null ? {} : { file }),
  })
  const describe = (piece: Piece): ContextPiece => ({
    path: piece.path,
    via: piece.via,
    bytes: Buffer.byteLength(piece.text),
    tokens: countTokens(piece.text),
    constraints: constraintIds(piece.text),
    cutBytes: piece.cutBytes,
    text: piece.text,
  })
  const start = prediction.start.map(describe)
  const later = prediction.later.map(describe)
  return {
    agent: rules.agent,
    version: rules.version,
    status: rules.status,
    folder,
    file,
    isNewFile: file !== null && !isThere(resolve(root, file)),
    start,
    startText: prediction.startText,
    later,
    lost: prediction.lost.map(describeLoss),
    skills: skillLines(tree, folder, rules).map((line) => ({ ...line, tokens: countTokens(line.text) })),
    hooks,
    hookNotes,
    bytes: Buffer.byteLength(prediction.startText),
    tokens: countTokens(prediction.startText),
    twice: repeated([...start, ...later].flatMap((piece) => piece.constraints)),
    notes: rules.notes,
  }
}

function describeLoss({ path, reason, text }: Loss): ContextLoss {
  return { path, reason, bytes: Buffer.byteLength(text), constraints: constraintIds(text) }
}

/** @throws CoxError AGENT_UNKNOWN */
export function parseAgentName(name: string): AgentName {
  const found = agentNames.find((known) => known === name)
  if (found !== undefined) return found
  throw new CoxError('AGENT_UNKNOWN', `No loading rules for "${name}"`, { hint: `Use one of: ${agentNames.join(', ')}.` })
}

function folderWithin(root: string, path: string): string {
  const folder = within(root, path)
  if (isFolder(resolve(root, folder))) return folder
  throw new CoxError('FOLDER_MISSING', `${folder} is not a folder of ${root}`, {
    hint: 'Name a folder that an agent can start in; a file that it touches is told with --file.',
  })
}

/** An agent also makes files: one that is not there yet is named by its path. */
function fileWithin(root: string, path: string): string {
  const file = within(root, path)
  if (!isFolder(resolve(root, file))) return file
  throw new CoxError('FILE_UNREADABLE', `${path} is a folder`, {
    hint: 'Name a file that the agent touches; the folder that it starts in stands without --file.',
  })
}

function within(root: string, path: string): string {
  const inside = relative(root, resolve(root, path)).replaceAll('\\', '/')
  if (inside === '..' || inside.startsWith('../')) {
    throw new CoxError('PATH_OUTSIDE', `${path} lies outside ${root}`, { hint: 'Name a path inside the repository.' })
  }
  return inside
}

function repeated(ids: readonly string[]): string[] {
  return [...new Set(ids.filter((id, index) => ids.indexOf(id) !== index))]
}
