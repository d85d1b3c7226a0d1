import { systemClock } from '@coxswain/host'
import type { PackageNode, TreeChange, Workspace } from '@coxswain/facts'
import { readArchitecture, rules, type Architecture, type RawFinding, type RuleContext } from '@coxswain/rules'
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
    imports: JSON.stringify(facts?.imports ?? []),
    exports: exportedNames(workspace, path),
    targets: workspace.edgesOf(path).flatMap(({ target }) => (target.kind === 'file' ? [target.path] : [])),
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
  const isGraphSame =
    isOfferSame &&
    change.changed.every((path) => before.get(path)?.imports === JSON.stringify(state.workspace.facts.get(path)?.imports ?? []))
  state.perGraph = isGraphSame ? evaluateGraph(state, state.perGraph) : evaluateGraph(state)
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

/** Rules over imports alone are not run again while the imports are the same. */
function evaluateGraph(state: State, known: readonly RuleFinding[] | null = null): RuleFinding[] {
  return state.config.rules.flatMap((entry) => {
    if (entry.rule.scope !== 'graph') return []
    if (known !== null && dependsOnImportsOnly.has(entry.rule.id)) return known.filter((finding) => finding.active === entry)
    return keep(entry, entry.rule.check(contextFor(state, entry)))
  })
}

const dependsOnImportsOnly = new Set(['no-cycles'])

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
