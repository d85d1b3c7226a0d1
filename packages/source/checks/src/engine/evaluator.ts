import { systemClock } from '@coxswain/host'
import type { TreeChange } from '@coxswain/facts'
import type { PackageNode, Workspace } from '@coxswain/graph'
import { readArchitecture, rules, type Architecture, type ImportEdit, type RawFinding, type RuleContext } from '@coxswain/rules'
import type { ActiveRule, CheckConfig } from '../config/load-config.ts'
import { createBodyIndex, type BodyIndex, type StoredBodies } from './body-index.ts'
import { affectedFiles } from './affected-files.ts'
import { fileState, type FileState } from './file-state.ts'

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
  /** What another process needs to go on from here. */
  store(): StoredFindings
}

/** Findings with the ids of their rules, as text can hold them. */
export interface StoredFindings {
  readonly files: readonly StoredGroup[]
  readonly packages: readonly StoredGroup[]
  readonly graph: readonly (readonly [rule: string, found: readonly RawFinding[]])[]
  readonly bodies: StoredBodies
}
type StoredGroup = readonly [place: string, found: readonly (readonly [rule: string, raw: RawFinding])[]]

export interface Edit {
  readonly change: TreeChange
  /** Facts and edges of the changed files before the edit. */
  readonly before: ReadonlyMap<string, FileState>
}

interface State {
  readonly workspace: Workspace
  readonly config: CheckConfig
  readonly architecture: Architecture
  readonly bodies: BodyIndex
  readonly before: ReadonlyMap<string, string> | null
  readonly perFile: Map<string, RuleFinding[]>
  readonly perPackage: Map<string, RuleFinding[]>
  /** Before any glob is asked: what is left out of the report still takes part in the graph. */
  readonly perGraph: Map<string, readonly RawFinding[]>
}

export interface EvaluatorScope {
  readonly workspace: Workspace
  readonly config: CheckConfig
  readonly before: ReadonlyMap<string, string> | null
}

export function createEvaluator(
  workspace: Workspace,
  config: CheckConfig,
  before: ReadonlyMap<string, string> | null,
): Evaluator {
  const state = createState({ workspace, config, before }, createBodyIndex(workspace))
  evaluateFiles(state, workspace.facts.keys())
  evaluatePackages(state, workspace.packages)
  evaluateGraph(state, null)
  return toEvaluator(state)
}

/** Goes on from what another process found in the same workspace under the same rules. */
export function restoreEvaluator(scope: EvaluatorScope, stored: StoredFindings): Evaluator {
  const state = createState(scope, createBodyIndex(scope.workspace, stored.bodies))
  const active = new Map(scope.config.rules.map((entry) => [entry.rule.id, entry]))
  const read = (into: Map<string, RuleFinding[]>, groups: readonly StoredGroup[]): void => {
    for (const [place, found] of groups)
      into.set(
        place,
        found.flatMap(([id, raw]) => {
          const entry = active.get(id)
          return entry === undefined ? [] : [{ active: entry, raw }]
        }),
      )
  }
  read(state.perFile, stored.files)
  read(state.perPackage, stored.packages)
  for (const [id, found] of stored.graph) state.perGraph.set(id, found)
  return toEvaluator(state)
}

function createState({ workspace, config, before }: EvaluatorScope, bodies: BodyIndex): State {
  const architecture = readArchitecture(config.architecture, workspace)
  const maps = { perFile: new Map(), perPackage: new Map(), perGraph: new Map() }
  return { workspace, config, architecture, bodies, before, ...maps }
}

function toEvaluator(state: State): Evaluator {
  return {
    findings: () => [
      ...[...state.perFile.values()].flat(),
      ...[...state.perPackage.values()].flat(),
      ...state.config.rules.flatMap((entry) => keep(entry, state.perGraph.get(entry.rule.id) ?? [])),
    ],
    update: (edit) => update(state, edit),
    store: () => ({
      files: toGroups(state.perFile),
      packages: toGroups(state.perPackage),
      graph: [...state.perGraph],
      bodies: state.bodies.store(),
    }),
  }
}

function toGroups(found: ReadonlyMap<string, readonly RuleFinding[]>): StoredGroup[] {
  return [...found].map(([place, own]) => [place, own.map(({ active, raw }) => [active.rule.id, raw] as const)])
}

function update(state: State, { change, before }: Edit): void {
  for (const path of change.changed) state.bodies.replace(path, before.get(path)?.hashes ?? [])
  const affected = affectedFiles(state.workspace, state.bodies, { change, before })
  // What a package offers is named in the advice given elsewhere.
  const isOfferSame = change.changed.every((path) => before.get(path)?.exports === fileState(state.workspace, path).exports)
  evaluateFiles(state, isOfferSame ? affected : new Set([...affected, ...state.perFile.keys()]))
  const packages = new Set(change.changed.flatMap((path) => packagesAround(state.workspace, path)))
  evaluatePackages(state, packages)
  evaluateGraph(state, importEdit(state.workspace, { change, before }))
}

function evaluateFiles(state: State, paths: Iterable<string>): void {
  const active = state.config.rules.flatMap((entry) =>
    entry.rule.scope === 'file' ? [{ entry, rule: entry.rule, context: contextFor(state, entry) }] : [],
  )
  for (const path of paths) {
    let found: RuleFinding[] | null = null
    if (state.workspace.facts.has(path))
      for (const { entry, rule, context } of active) {
        const own = rule.check(path, context)
        // Rules are cheap and globs are not: the globs are asked about findings, not about files.
        if (own.length > 0 && entry.covers(path)) (found ??= []).push(...own.map((raw) => ({ active: entry, raw })))
      }
    if (found === null) state.perFile.delete(path)
    else state.perFile.set(path, found)
  }
}

function evaluatePackages(state: State, nodes: Iterable<PackageNode>): void {
  const active = state.config.rules.flatMap((entry) =>
    entry.rule.scope === 'package' ? [{ entry, rule: entry.rule, context: contextFor(state, entry) }] : [],
  )
  for (const node of nodes) {
    const found = active.flatMap(({ entry, rule, context }) => keep(entry, rule.check(node, context)))
    if (found.length === 0) state.perPackage.delete(node.dir)
    else state.perPackage.set(node.dir, found)
  }
}

/** The package of a file, and those around it as long as they are no packages of the workspace: they count as a part. */
function packagesAround(workspace: Workspace, path: string): PackageNode[] {
  const found: PackageNode[] = []
  for (let node = workspace.packageOf(path); node !== null; node = node.isMember ? null : workspace.packageOf(node.dir))
    found.push(node)
  return found
}

/** What changed for the graph; null when a file stopped or began to be readable, which changes more. */
function importEdit(workspace: Workspace, { change, before }: Edit): ImportEdit | null {
  const now = new Map(change.changed.map((path) => [path, fileState(workspace, path)]))
  if (change.changed.some((path) => before.get(path)?.isReadable !== now.get(path)?.isReadable)) return null
  const files = change.changed.filter((path) => {
    const [was, is] = [before.get(path), now.get(path)]
    return was?.imports !== is?.imports || was?.exports !== is?.exports
  })
  const added: string[] = []
  const removed: string[] = []
  for (const path of files) {
    const was = new Set(before.get(path)?.targets)
    const is = new Set(now.get(path)?.targets)
    added.push(...[...is].filter((target) => !was.has(target)))
    removed.push(...[...was].filter((target) => !is.has(target)))
  }
  return { files: new Set(files), added, removed }
}

/** Rules over the whole graph are asked first what an edit changes; null: look at everything. */
function evaluateGraph(state: State, edit: ImportEdit | null): void {
  for (const entry of state.config.rules) {
    const { rule } = entry
    const known = state.perGraph.get(entry.rule.id)
    if (rule.scope !== 'graph' || (known !== undefined && edit?.files.size === 0)) continue
    const context = contextFor(state, entry)
    const updated = known === undefined || edit === null ? null : (rule.update?.(edit, known, context) ?? null)
    state.perGraph.set(rule.id, updated ?? rule.check(context))
  }
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
    builtIn: rules,
  }
}

export function today(): string {
  return new Date(systemClock.now()).toISOString().slice(0, 10)
}
