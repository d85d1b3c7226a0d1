import { compareText, errorAt, type Problem } from '@coxswain/constraints'
import type { Change, PathPlan } from './change.ts'
import { findBlocks, removeBlocks, sumOf, writeBlock } from './block.ts'
import type { FileState } from './file-state.ts'
import { editedProblem, keptAside, keptPath } from './kept-aside.ts'
import { manifestFile, renderManifest, type Manifest } from './manifest.ts'
import { planSettings } from './plan-settings.ts'
import type { Output } from './surface.ts'

export interface ChangeInput {
  readonly outputs: readonly Output[]
  /** The state of every path that an output, a block or the manifest names. */
  readonly states: ReadonlyMap<string, FileState>
  readonly manifest: Manifest
  /** Paths whose generated text nobody asked about: they stay as they are. */
  readonly untouched: ReadonlySet<string>
}

export interface PlannedChanges {
  /** Sorted by path; only files whose bytes differ. */
  readonly changes: readonly Change[]
  readonly problems: readonly Problem[]
}

/** What has to change on disk so that exactly the outputs stand there. Pure; without outputs it takes everything away. */
export function planChanges(input: ChangeInput): PlannedChanges {
  const wanted = new Map(input.outputs.map((output) => [output.path, output]))
  const paths = [...new Set([...wanted.keys(), ...input.states.keys()])].filter((path) => path !== manifestFile)
  const planned = paths.map((path) => planPath(path, wanted.get(path), input))
  const files = planned.flatMap((one) => (one.sum === null ? [] : [[one.path, one.sum] as const]))
  const inserts = planned.flatMap((one) => (one.inserts === undefined ? [] : [[one.path, one.inserts] as const]))
  const manifest = { files: new Map(files), inserts: new Map(inserts) }
  const changes = [...planned.flatMap((one) => one.changes), manifestChange(manifest, input)]
  return {
    changes: changes.filter((change) => change.before !== change.after).toSorted((a, b) => compareText(a.path, b.path)),
    problems: planned.flatMap((one) => one.problems),
  }
}

function planPath(path: string, output: Output | undefined, input: ChangeInput): PathPlan {
  const state = input.states.get(path) ?? { kind: 'missing' }
  const recorded = input.manifest.files.get(path)
  const inserts = input.manifest.inserts.get(path)
  if (input.untouched.has(path))
    return { path, changes: [], problems: [], sum: recorded ?? null, ...(inserts === undefined ? {} : { inserts }) }
  if (state.kind === 'refused') {
    const isOurs = output !== undefined || recorded !== undefined || inserts !== undefined
    const problem = errorAt(
      { file: path, line: state.line },
      state.code,
      `${path} ${state.message}; it was left alone`,
      state.hint,
    )
    const known = inserts === undefined ? {} : { inserts }
    return { path, changes: [], problems: isOurs ? [problem] : [], sum: recorded ?? null, ...known }
  }
  if (output?.kind === 'settings' || (output === undefined && inserts !== undefined))
    return planSettings({ path, hooks: output?.text ?? null, state, recorded: inserts })
  if (output?.kind === 'file' || (output === undefined && recorded !== undefined))
    return planOwnFile({ path, output, state, recorded })
  return planBlock({ path, output, state })
}

interface OwnFile {
  readonly path: string
  readonly output: Output | undefined
  readonly state: Exclude<FileState, { kind: 'refused' }>
  readonly recorded: string | undefined
}

function planOwnFile({ path, output, state, recorded }: OwnFile): PathPlan {
  const after = output?.text ?? null
  const sum = after === null ? null : sumOf(after)
  if (state.kind === 'missing') return { path, changes: [{ path, before: null, after }], problems: [], sum }
  if (recorded === undefined && state.text !== after) {
    const problem = errorAt(
      { file: path, line: 1 },
      'FILE_TAKEN',
      `${path} was written by hand, and a generated file wants its place`,
      'Move its words to a constraint, then delete or rename it.',
    )
    return { path, changes: [], problems: [problem], sum: null }
  }
  const isEdited = recorded !== undefined && sumOf(state.text) !== recorded && state.text !== after
  const aside = isEdited ? [keptAside(path, state.text)] : []
  return {
    path,
    changes: [...aside, { path, before: state.text, after, mode: state.mode }],
    problems: isEdited ? [editedProblem(path, 1, keptPath(path, state.text))] : [],
    sum,
  }
}

function planBlock(host: Omit<OwnFile, 'recorded'>): PathPlan {
  const { path, output, state } = host
  const before = state.kind === 'text' ? state.text : null
  const blocks = before === null ? [] : findBlocks({ path, text: before })
  const edited = blocks.filter((block) => block.isEdited)
  const problems = edited.map((block) => editedProblem(path, lineAt(before ?? '', block.markerAt), keptPath(path, block.body)))
  const asides = edited.map((block) => keptAside(path, block.body))
  const single = before !== null && blocks.length > 1 ? removeBlocks({ path, text: before }) : before
  const after =
    output === undefined
      ? single === null
        ? null
        : removeBlocks({ path, text: single })
      : writeBlock({ path, text: single }, output.text)
  const change: Change = state.kind === 'text' ? { path, before, after, mode: state.mode } : { path, before, after }
  return { path, changes: [...asides, change], problems, sum: null }
}

function manifestChange(manifest: Manifest, input: ChangeInput): Change {
  const state = input.states.get(manifestFile)
  const before = state?.kind === 'text' ? state.text : null
  return {
    path: manifestFile,
    before,
    after: manifest.files.size + manifest.inserts.size === 0 ? null : renderManifest(manifest),
  }
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}
