import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { canUpdate, createWorkspace, type FactTree, type OwnedWorkspace, type TreeChange } from '@coxswain/facts'
import { configFiles, loadConfig, type CheckConfig } from '../config/load-config.ts'
import type { Finding } from '../finding.ts'
import { createEvaluator, fileState, today, type Evaluator, type FileState } from './evaluator.ts'
import { finishFindings } from './finish-findings.ts'

/** A worktree under check. Holds what is known about it between two looks. */
export interface CheckSession {
  readonly workspace: OwnedWorkspace
  readonly config: CheckConfig
  /** Everything that is wrong now, in a stable order. */
  findings(): readonly Finding[]
  /** Takes in edits of files that exist before and after. Cheap; anything else goes through `rescan`. */
  touch(paths: readonly string[]): Promise<void>
  /** Looks at the whole tree again; evaluates anew when something differs, or when forced to. */
  rescan(options?: RescanOptions): Promise<void>
}

export interface RescanOptions {
  readonly signal?: AbortSignal
  readonly force?: boolean
}

export interface SessionOptions {
  readonly tree: FactTree
  readonly only?: readonly string[]
  /** Protected files that changed, with what they held before; asked whenever everything is evaluated anew. */
  readonly before?: () => ReadonlyMap<string, string> | null
}

export async function openSession(options: SessionOptions, signal?: AbortSignal): Promise<CheckSession> {
  const { tree } = options
  await tree.refresh(signal)
  let state = build(options)
  const rebuild = (): void => {
    state = build(options)
  }
  return {
    get workspace() {
      return state.workspace
    },
    get config() {
      return state.config
    },
    findings: () =>
      (state.finished ??= finishFindings(state.evaluator.findings(), {
        workspace: state.workspace,
        exemptions: state.config.exemptions,
        today: today(),
      })),
    touch: async (paths) => {
      const before = new Map(paths.map((path) => [path, fileState(state.workspace, path)]))
      await takeIn(tree.refreshFiles(paths), { before, state, rebuild })
    },
    rescan: async ({ signal: stop, force } = {}) => {
      const change = await tree.refresh(stop)
      const isSame = change.added.length + change.removed.length + change.changed.length === 0
      if (force === true || !isSame || state.configText !== configText(tree.root) || state.day !== today()) rebuild()
    },
  }
}

interface BuiltState {
  readonly workspace: OwnedWorkspace
  readonly config: CheckConfig
  readonly configText: string
  /** Exemptions end with days. */
  readonly day: string
  readonly evaluator: Evaluator
  finished: readonly Finding[] | null
}

function build({ tree, only, before }: SessionOptions): BuiltState {
  const read = (path: string): string | null => readText(tree.root, path)
  const config = loadConfig(read, only)
  const workspace = createWorkspace(tree)
  return {
    workspace,
    config,
    configText: configText(tree.root),
    day: today(),
    evaluator: createEvaluator(workspace, config, before?.() ?? null),
    finished: null,
  }
}

function configText(root: string): string {
  return Object.values(configFiles)
    .map((path) => readText(root, path) ?? '')
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
  readonly rebuild: () => void
}

async function takeIn(change: TreeChange, { before, state, rebuild }: Taking): Promise<void> {
  if (change.changed.length + change.added.length + change.removed.length === 0) return
  if (!canUpdate(change) || change.changed.some((path) => path.startsWith('harness/')) || change.changed.length > mostIncremental)
    return rebuild()
  state.workspace.update(change)
  state.evaluator.update({ change, before })
  state.finished = null
}

/** Above this, evaluating everything is faster than finding out what has to be. */
const mostIncremental = 200
