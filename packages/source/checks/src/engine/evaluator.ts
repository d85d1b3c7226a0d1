import { systemClock } from '@coxswain/host'
import type { PackageNode, TreeChange, Workspace } from '@coxswain/facts'
import {
  readArchitecture,
  rules,
  type Architecture,
  type GraphRule,
  type ImportEdit,
  type RawFinding,
  type RuleContext,
} from '@coxswain/rules'
import type { ActiveRule, CheckConfig } from '../config/load-config.ts'
import { createBodyIndex, type BodyIndex } from './body-index.ts'
import { affectedFiles } from './affected-files.ts'

/** A finding with the rule it came from; severity and prints follow when it is reported. */
export interface RuleFinding {
  readonly active: ActiveRule
  readonly raw: RawFinding
}

/** Findings of a workspace, kept up to date under edits. The owner of what is currently wrong. */
export interface Evaluator {
  findings(): RuleFinding[]
  /** After `workspace.update`: re-evaluates what the edit can have changed, and nothing else. */
  update(edit: Edit): void
}

export interface Edit {
  readonly change: TreeChange
  /** Facts and edges of the changed files before the edit. */
  readonly before: ReadonlyMap<string, FileState>
}

export interface FileState {
  readonly imports: string
  readonly exports: string
  readonly isReadable: boolean
  readonly targets: readonly string[]
  readonly hashes: readonly string[]
}

interface State {
  readonly workspace: Workspace
  readonly config: CheckConfig
  readonly architecture: Architecture
  readonly bodies: BodyIndex
  readonly before: ReadonlyMap<string, string> | null
  readonly perFile: Map<string, RuleFinding[]>
  readonly perPackage: Map<string, RuleFinding[]>
  perGraph: RuleFinding[]
}

export function createEvaluator(
  workspace: Workspace,
  config: CheckConfig,
  before: ReadonlyMap<string, string> | null,
): Evaluator {
  const state: State = {
    workspace,
    config,
    architecture: readArchitecture(config.architecture, workspace),
    bodies: createBodyIndex(workspace),
    before,
    perFile: new Map(),
    perPackage: new Map(),
    perGraph: [],
  }
  evaluateFiles(state, workspace.facts.keys())
  for (const node of workspace.packages) evaluatePackage(state, node)
  state.perGraph = evaluateGraph(state)
  return {
    findings: () => [...[...state.perFile.values()].flat(), ...[...state.perPackage.values()].flat(), ...state.perGraph],
    update: (edit) => update(state, edit),
  }
}

/** What an edit may change for other files; taken before it. */
export function fileState(workspace: Workspace, path: string): FileState {
  const facts = workspace.facts.get(path)
  return {
    imports: importKey(workspace, path),
    exports: exportedNames(workspace, path),
    targets: targetsOf(workspace, path),
    isReadable: isReadable(workspace, path),
    hashes: (facts?.functions ?? []).flatMap((entry) => entry.hash ?? []),
  }
}

function update(state: State, { change, before }: Edit): void {
  for (const path of change.changed) state.bodies.replace(path, before.get(path)?.hashes ?? [])
  const affected = affectedFiles(state.workspace, state.bodies, { change, before })
  // What a package offers is named in the advice given elsewhere.
  const isOfferSame = change.changed.every((path) => before.get(path)?.exports === exportedNames(state.workspace, path))
  evaluateFiles(state, isOfferSame ? affected : new Set([...affected, ...state.perFile.keys()]))
  const packages = new Set(change.changed.map((path) => state.workspace.packageOf(path)).filter((node) => node !== null))
  for (const node of packages) evaluatePackage(state, node)
  state.perGraph = evaluateGraph(state, {
    known: state.perGraph,
    edit: isOfferSame ? importEdit(state.workspace, { change, before }) : null,
  })
}

function targetsOf(workspace: Workspace, path: string): string[] {
  return workspace.edgesOf(path).flatMap(({ target }) => (target.kind === 'file' ? [target.path] : []))
}

function isReadable(workspace: Workspace, path: string): boolean {
  return workspace.facts.get(path)?.problem === undefined
}

function importKey(workspace: Workspace, path: string): string {
  const facts = workspace.facts.get(path)
  return JSON.stringify(facts?.imports ?? [])
}

function exportedNames(workspace: Workspace, path: string): string {
  return (workspace.facts.get(path)?.exports ?? []).map((entry) => (entry.isType ? `type ${entry.name}` : entry.name)).join()
}

function evaluateFiles(state: State, paths: Iterable<string>): void {
  const active = state.config.rules.flatMap((entry) =>
    entry.rule.scope === 'file' ? [{ entry, rule: entry.rule, context: contextFor(state, entry) }] : [],
  )
  for (const path of paths) {
    let found: RuleFinding[] | null = null
    for (const { entry, rule, context } of active) {
      const raw = state.workspace.facts.has(path) ? rule.check(path, context) : []
      // Rules are cheap and globs are not: the globs are asked about findings, not about files.
      for (const finding of raw) if (entry.covers(path)) (found ??= []).push({ active: entry, raw: finding })
    }
    if (found === null) state.perFile.delete(path)
    else state.perFile.set(path, found)
  }
}

function evaluatePackage(state: State, node: PackageNode): void {
  const found = state.config.rules.flatMap((entry) =>
    entry.rule.scope === 'package' ? keep(entry, entry.rule.check(node, contextFor(state, entry))) : [],
  )
  if (found.length === 0) state.perPackage.delete(node.dir)
  else state.perPackage.set(node.dir, found)
}

/** Which imports changed; null when a file stopped or began to be readable, which changes more than its imports. */
function importEdit(workspace: Workspace, { change, before }: Edit): ImportEdit | null {
  const files = change.changed.filter((path) => before.get(path)?.imports !== importKey(workspace, path))
  if (change.changed.some((path) => before.get(path)?.isReadable !== isReadable(workspace, path))) return null
  const added: string[] = []
  const removed: string[] = []
  for (const path of files) {
    const was = new Set(before.get(path)?.targets)
    const now = new Set(targetsOf(workspace, path))
    added.push(...[...now].filter((target) => !was.has(target)))
    removed.push(...[...was].filter((target) => !now.has(target)))
  }
  return { files, added, removed }
}

interface GraphUpdate {
  readonly known: readonly RuleFinding[]
  /** Null when more than imports changed. */
  readonly edit: ImportEdit | null
}

/** Rules over the whole graph are asked first whether an edit concerns them. */
function evaluateGraph(state: State, changed: GraphUpdate | null = null): RuleFinding[] {
  return state.config.rules.flatMap((entry) => {
    const { rule } = entry
    if (rule.scope !== 'graph') return []
    const context = contextFor(state, entry)
    const known = (changed?.known ?? []).filter((finding) => finding.active === entry)
    if (
      changed !== null &&
      changed.edit !== null &&
      isUntouched(rule, changed.edit, { known: known.map((finding) => finding.raw), context })
    )
      return known
    return keep(entry, rule.check(context))
  })
}

/** Protected files never come through an edit; all other graph rules look at imports alone. */
function isUntouched(
  rule: GraphRule<unknown>,
  edit: ImportEdit,
  { known, context }: { readonly known: readonly RawFinding[]; readonly context: RuleContext<unknown> },
): boolean {
  return edit.files.length === 0 || rule.id === 'protected-config' || (rule.isUnaffected?.(edit, known, context) ?? false)
}

function keep(entry: ActiveRule, raw: readonly RawFinding[]): RuleFinding[] {
  return raw.filter((finding) => entry.covers(finding.file)).map((finding) => ({ active: entry, raw: finding }))
}

const ruleIds = rules.map((rule) => rule.id)

function contextFor(state: State, entry: ActiveRule): RuleContext<unknown> {
  const patternIds = state.config.patterns.map((pattern) => pattern.id)
  return {
    workspace: state.workspace,
    architecture: state.architecture,
    options: entry.options,
    filesWithBody: (hash) => state.bodies.filesWith(hash),
    today: today(),
    before: state.before,
    ruleIds: [...ruleIds, ...patternIds],
  }
}

export function today(): string {
  return new Date(systemClock.now()).toISOString().slice(0, 10)
}
