import type { FileFacts } from '@coxswain/facts'
import type { Workspace } from '@coxswain/graph'
import { defineRule } from '../rule.ts'
import { isStartedElsewhere } from './started-elsewhere.ts'

export const unusedFile = defineRule({
  id: 'unused-file',
  why: 'A file nothing reaches is dead weight that agents still read, obey and keep up to date.',
  severity: 'warning',
  scope: 'graph',
  options: (z) => z.strictObject({ entries: z.array(z.string()).default([]) }),
  update: ({ files, added, removed }, known, { workspace, options }) => {
    if (known.some((finding) => files.has(finding.file))) return null
    const isStart = createStartCheck(workspace, new Set(options.entries))
    return [...added, ...removed].every((path) => isReachedWithout(files, path, { workspace, isStart })) ? known : null
  },
  check: ({ workspace, options }) => {
    const reached = reach(workspace, new Set(options.entries))
    // What is taken for loaded is in use, and so is all that it leads to; that may leave fewer in another folder.
    for (const path of spared(unreachedOf(workspace, reached))) follow(path, reached, workspace)
    return unreachedOf(workspace, reached).map(([path, facts]) => ({
      file: path,
      line: 1,
      column: 1,
      what: `No entry, script or test of ${workspace.packageOf(path)?.name ?? 'this repository'} reaches this file`,
      fix: [
        `Delete ${path}.`,
        `If it should be offered, export it from ${entryName(workspace, path)}.`,
        'If a tool starts it by name, declare it: `unused-file: { entries: [ … ] }` in harness/checks.yaml.',
      ],
      // A file that is renamed is the same dead file.
      anchor: `file ${
        facts.exports.length === 0
          ? path.slice(path.lastIndexOf('/') + 1)
          : facts.exports
              .map((entry) => entry.name)
              .slice(0, 4)
              .join()
      }`,
      claim: { kind: 'file', subject: path, names: namesOf(path) },
    }))
  },
})

function unreachedOf(workspace: Workspace, reached: ReadonlySet<string>): (readonly [string, FileFacts])[] {
  return [...workspace.facts].filter(
    ([path, facts]) => facts.kind === 'source' && facts.problem === undefined && !reached.has(path) && hasEntry(workspace, path),
  )
}

function spared(unreached: readonly (readonly [string, FileFacts])[]): string[] {
  return [...Map.groupBy(unreached, ([path]) => folderOf(path)).values()]
    .filter((beside) => beside.length >= loadedByPlace)
    .flatMap((beside) => beside.map(([path]) => path))
}

/** How a text would name the file: with its own ending or the built one, or by its folder. */
function namesOf(path: string): string[] {
  const segments = path.split('/')
  const last = segments.at(-1) ?? ''
  const stem = last.replace(/\.[cm]?tsx?$/, '')
  const built = last.replace(/\.([cm]?)tsx?$/, '.$1js')
  const isCommon = /^(?:index|main|types|utils?)$/.test(stem)
  const byFolder = segments.length < 2 ? [] : [last, built, stem].map((name) => `${segments.at(-2)}/${name}`)
  return isCommon ? byFolder : [last, built, ...byFolder]
}

/** As many unreached files in one folder are not forgotten: something loads what is in it. */
const loadedByPlace = 3

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1)
}

function createStartCheck(workspace: Workspace, declared: ReadonlySet<string>): (path: string) => boolean {
  return (path) =>
    workspace.isEntry(path) ||
    isStartedElsewhere(path) ||
    declared.has(path) ||
    isBesideManifest(path, workspace) ||
    isSettings(path, workspace)
}

/** Tools and older module systems look for files there by their names, whatever `exports` says. */
function isBesideManifest(path: string, workspace: Workspace): boolean {
  return workspace.packageOf(path)?.dir === folderOf(path).slice(0, -1)
}

/** A page or configuration is nobody’s import; what it names is started. */
function isSettings(path: string, workspace: Workspace): boolean {
  const edges = workspace.edgesOf(path)
  return edges.length > 0 && workspace.facts.get(path)?.kind === 'other' && edges.every(({ fact }) => fact.form === 'mention')
}

interface Starts {
  readonly workspace: Workspace
  readonly isStart: (path: string) => boolean
}

/** Whether a way leads to the file that no edited file is on: then it was and is reached, whatever they import. */
function isReachedWithout(edited: ReadonlySet<string>, target: string, { workspace, isStart }: Starts): boolean {
  const seen = new Set([target])
  const open = [target]
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (isStart(path)) return true
    for (const importer of workspace.importersOf(path)) {
      if (edited.has(importer) || seen.has(importer)) continue
      seen.add(importer)
      open.push(importer)
    }
  }
  return false
}

function reach(workspace: Workspace, declared: ReadonlySet<string>): Set<string> {
  const reached = new Set<string>()
  // Of what entries reach nobody has to know whether a tool starts it too: globs are slow.
  for (const path of workspace.facts.keys()) if (workspace.isEntry(path)) follow(path, reached, workspace)
  const isStart = createStartCheck(workspace, declared)
  for (const [path, { kind }] of workspace.facts) {
    const leads = kind === 'source' || workspace.edgesOf(path).length > 0
    if (leads && !reached.has(path) && isStart(path)) follow(path, reached, workspace)
  }
  return reached
}

/** Adds the file and all that it leads to. */
function follow(start: string, reached: Set<string>, workspace: Workspace): void {
  if (reached.has(start)) return
  reached.add(start)
  const open = [start]
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    for (const { target } of workspace.edgesOf(path)) {
      if (target.kind !== 'file' || reached.has(target.path)) continue
      reached.add(target.path)
      open.push(target.path)
    }
  }
}

/** Without a known entry of its package nothing can be said about a file. */
function hasEntry(workspace: Workspace, path: string): boolean {
  const node = workspace.packageOf(path)
  return node !== null && node.isMember && workspace.entryOf(node) !== null
}

function entryName(workspace: Workspace, path: string): string {
  const node = workspace.packageOf(path)
  return (node === null ? null : workspace.entryOf(node)) ?? 'the package’s entry'
}
