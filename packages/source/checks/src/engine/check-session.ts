import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readTargets, type EarlierState, type FactTree, type TreeChange } from '@coxswain/facts'
import { canUpdate, createWorkspace, type OwnedWorkspace } from '@coxswain/graph'
import { configFiles, loadConfig, parseConfig, type CheckConfig, type ParsedConfig } from '../config/load-config.ts'
import type { Finding } from '../finding.ts'
import { createEvaluator, restoreEvaluator, today, type Evaluator } from './evaluator.ts'
import { fileState, stateOfFacts, type FileState } from './file-state.ts'
import { finishFindings } from './finish-findings.ts'
import { judgeClaims, type Judged } from './judge-claims.ts'
import { readNotes, writeNotes, type NotesScope } from './session-notes.ts'

/** A worktree under check. Holds what is known about it between two looks. */
export interface CheckSession {
  readonly workspace: OwnedWorkspace
  readonly config: CheckConfig
  /** Exemptions end with days: on another one everything is evaluated anew. */
  readonly day: string
  /** Everything that is wrong now, in a stable order. */
  findings(): readonly Finding[]
  /** Claims that were not made into findings. */
  open(): Omit<Judged, 'found'>
  /** Takes in edits of files that exist before and after. Cheap; anything else goes through `rescan`. */
  touch(paths: readonly string[]): Promise<void>
  /** What changed since could not be evaluated, such as under a configuration with a mistake: only `rescan` leads on. */
  readonly isOutdated: boolean
  /** Looks at the whole tree again, and at all that findings depend on besides; evaluates anew when something differs. */
  rescan(signal?: AbortSignal): Promise<void>
  /** Keeps what is known for the next process. */
  save(): void
}

export interface SessionOptions {
  readonly tree: FactTree
  readonly only?: readonly string[]
  /** False when files that were not asked for were looked at for a part of the rules: then nothing is kept but facts. */
  readonly isWholeLook?: boolean
  /** Protected files that changed, with what they held before; asked whenever everything is evaluated anew. */
  readonly before?: () => Promise<Before>
}

type Before = ReadonlyMap<string, string> | null

export async function openSession(options: SessionOptions, signal?: AbortSignal): Promise<CheckSession> {
  const { tree } = options
  const ask = async (): Promise<Before> => (await options.before?.()) ?? null
  const [first, , early] = await Promise.all([ask(), tree.refresh(signal), readEarly(options)])
  const restored = restore(options, first)
  let state = restored ?? build(options, first, early)
  let isOutdated = false
  const rebuild = async (known?: Before): Promise<void> => {
    isOutdated = true
    state = build(options, known === undefined ? await ask() : known)
    isOutdated = false
  }
  return {
    get isOutdated() {
      return isOutdated
    },
    get workspace() {
      return state.workspace
    },
    get config() {
      return state.config
    },
    get day() {
      return state.scope.day
    },
    findings: () => finish(state).findings,
    open: () => finish(state).open,
    touch: async (paths) => {
      const before = new Map(paths.map((path) => [path, fileState(state.workspace, path)]))
      await takeIn(tree.refreshFiles(paths), { before, state, rebuild })
    },
    rescan: async (stop) => {
      const [compared, change] = await Promise.all([ask(), tree.refresh(stop)])
      const isSame = change.added.length + change.removed.length + change.changed.length === 0
      if (isOutdated || !isSame || !isOfScope(state.scope, currentScope(tree, compared))) await rebuild(compared)
    },
    save: () => {
      // What was restored is left as it is until going on from it costs more than writing it anew.
      const isWorthIt = state !== restored || tree.counts.read > mostReread
      if (!isWorthIt || (options.only ?? []).length > 0 || options.isWholeLook === false) return tree.save()
      tree.save({ targetsOf: (path) => state.workspace.targetsOf(path), notes: () => notesOf(state) })
    },
  }
}

function notesOf({ workspace, evaluator, parsed, config, scope }: BuiltState): string {
  const options = Object.fromEntries(config.rules.map((entry) => [entry.rule.id, entry.options]))
  return writeNotes({ config: { ...parsed, options }, workspace: workspace.store(), findings: evaluator.store() }, scope)
}

const mostReread = 20

interface BuiltState {
  readonly workspace: OwnedWorkspace
  readonly config: CheckConfig
  readonly parsed: ParsedConfig
  readonly scope: NotesScope
  readonly evaluator: Evaluator
  finished: Finished | null
}

interface Finished {
  readonly findings: readonly Finding[]
  readonly open: Omit<Judged, 'found'>
}

function finish(state: BuiltState): Finished {
  const { workspace, config, evaluator } = state
  if (state.finished !== null) return state.finished
  const { found, ...open } = judgeClaims(evaluator.findings(), workspace)
  const findings = finishFindings(found, { workspace, exemptions: config.exemptions, today: today() })
  return (state.finished = { findings, open })
}

/** Goes on from where the last process ended; null when too much is different. */
function restore(options: SessionOptions, compared: Before): BuiltState | null {
  const { tree, only } = options
  const { earlier } = tree
  if (earlier === null || (only ?? []).length > 0 || !isIncremental(earlier.change)) return null
  const scope = currentScope(tree, compared)
  const notes = readNotes(earlier.snapshot.notes, scope)
  const before = notes === null ? null : statesBefore(earlier)
  if (notes === null || before === null) return null
  const config = loadConfig((path) => readText(tree.root, path), [], notes.config)
  const workspace = createWorkspace(tree, { earlier, stored: notes.workspace })
  const evaluator = restoreEvaluator({ workspace, config, before: scope.before }, notes.findings)
  if (earlier.change.changed.length > 0) evaluator.update({ change: earlier.change, before })
  return { workspace, config, parsed: notes.config, scope, evaluator, finished: null }
}

/** What the changed files were then; null when the cache has forgotten one of them. */
function statesBefore(earlier: EarlierState): ReadonlyMap<string, FileState> | null {
  const targetsOf = readTargets(earlier.snapshot)
  const states = new Map<string, FileState>()
  for (const path of earlier.change.changed) {
    const facts = earlier.factsBefore(path)
    if (facts === undefined) return null
    states.set(path, stateOfFacts(facts, targetsOf(path)))
  }
  return states
}

interface EarlyConfig {
  readonly text: string
  readonly parsed: ParsedConfig
  readonly config: CheckConfig
}

/** While the files are listed: where nothing is known, the configuration is going to be needed. */
async function readEarly({ tree, only }: SessionOptions): Promise<EarlyConfig | null> {
  if (tree.wasSaved) return null
  return { text: configText(tree.root), ...readConfig(tree.root, only) }
}

function readConfig(root: string, only: SessionOptions['only']): Omit<EarlyConfig, 'text'> {
  const read = (path: string): string | null => readText(root, path)
  const parsed = parseConfig(read)
  return { parsed, config: loadConfig(read, only, parsed) }
}

function build(options: SessionOptions, compared: Before, early: EarlyConfig | null = null): BuiltState {
  const { tree, only } = options
  const scope = currentScope(tree, compared)
  const { parsed, config } = early?.text === scope.configText ? early : readConfig(tree.root, only)
  const workspace = createWorkspace(tree)
  const evaluator = createEvaluator(workspace, config, scope.before)
  return { workspace, config, parsed, scope, evaluator, finished: null }
}

function currentScope(tree: FactTree, before: Before): NotesScope {
  return { configText: configText(tree.root), day: today(), before }
}

function isOfScope(was: NotesScope, now: NotesScope): boolean {
  const entries = ({ before }: NotesScope): string => JSON.stringify(before === null ? null : [...before])
  return was.configText === now.configText && was.day === now.day && entries(was) === entries(now)
}

function configText(root: string): string {
  return Object.values(configFiles)
    .map((path) => readText(root, path) ?? '\0')
    .join('\0')
}

function readText(root: string, path: string): string | null {
  try {
    return readFileSync(join(root, path), 'utf8')
  } catch {
    return null // the file is optional
  }
}

interface Taking {
  readonly before: ReadonlyMap<string, FileState>
  readonly state: BuiltState
  readonly rebuild: () => Promise<void>
}

async function takeIn(change: TreeChange, { before, state, rebuild }: Taking): Promise<void> {
  if (change.changed.length + change.added.length + change.removed.length === 0) return
  if (!isIncremental(change)) return rebuild()
  state.workspace.update(change)
  state.evaluator.update({ change, before })
  state.finished = null
}

function isIncremental(change: TreeChange): boolean {
  const { changed } = change
  return canUpdate(change) && !changed.some((path) => path.startsWith('harness/')) && changed.length <= mostIncremental
}

/** Above this, evaluating everything is faster than finding out what has to be. */
const mostIncremental = 200
