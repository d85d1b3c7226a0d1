import { compareText, globBase, rungKind, type Constraint, type Severity } from '@coxswain/constraints'

/** One line of instruction: text on the `root` or `path` rung of a constraint. */
export interface Line {
  readonly id: string
  readonly severity: Severity
  readonly text: string
  /** Globs that the line is about; empty on the root rung. */
  readonly scope: readonly string[]
  /** Globs that it leaves out: no agent has a form for them, and so the line says them. */
  readonly except: readonly string[]
}

export interface Folder {
  /** Relative to the root; `` for the root. */
  readonly path: string
  readonly lines: readonly Line[]
}

const manifests = new Set(['package.json', 'Cargo.toml', 'go.mod', 'pyproject.toml', 'pom.xml', 'build.gradle', 'deno.json'])

/** Which folder's instructions each text belongs in: the deepest one that holds its scope, lifted to the package it lies in. */
export function placeConstraints(constraints: readonly Constraint[], files: readonly string[]): Folder[] {
  const { packages, folders } = foldersOf(files)
  const placed = new Map<string, Line[]>()
  for (const constraint of constraints) {
    for (const rung of constraint.rungs) {
      const base = lineBase(constraint)
      if ('root' in rung) put(placed, '', { ...base, text: rung.root, scope: [] })
      if (!('path' in rung)) continue
      const byFolder = Map.groupBy(constraint.scope, (glob) => folderOf(glob, packages, folders))
      for (const [folder, scope] of byFolder) if (folder !== null) put(placed, folder, { ...base, text: rung.path, scope })
    }
  }
  const result = [...placed].map(([path, lines]) => ({ path, lines: lines.toSorted(byImportance) }))
  return result.toSorted((a, b) => compareText(a.path, b.path))
}

/** The lines of constraints on the `path` rung with their whole scope, for agents that load rules by path. */
export function scopedLines(constraints: readonly Constraint[]): Line[] {
  return constraints.flatMap((constraint) =>
    constraint.rungs.flatMap((rung) =>
      'path' in rung ? [{ ...lineBase(constraint), text: rung.path, scope: constraint.scope }] : [],
    ),
  )
}

function lineBase({ id, severity, except }: Constraint): Pick<Line, 'id' | 'severity' | 'except'> {
  return { id, severity, except }
}

export function hasProse(constraint: Constraint): boolean {
  return constraint.rungs.some((rung) => ['root', 'path'].includes(rungKind(rung)))
}

function foldersOf(files: readonly string[]): { readonly packages: ReadonlySet<string>; readonly folders: ReadonlySet<string> } {
  const packages = new Set<string>()
  const folders = new Set<string>([''])
  for (const file of files) {
    const slash = file.lastIndexOf('/')
    if (slash === -1) continue
    const folder = file.slice(0, slash)
    if (manifests.has(file.slice(slash + 1))) packages.add(folder)
    for (let path = folder; path !== '' && !folders.has(path); path = parentOf(path)) folders.add(path)
  }
  return { packages, folders }
}

/** Null when the folder does not exist: nothing would ever load instructions from there. */
function folderOf(glob: string, packages: ReadonlySet<string>, folders: ReadonlySet<string>): string | null {
  const base = globBase(glob)
  if (!folders.has(base)) return null
  for (let path = base; path !== ''; path = parentOf(path)) if (packages.has(path)) return path
  return base
}

function parentOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash === -1 ? '' : path.slice(0, slash)
}

function put(placed: Map<string, Line[]>, folder: string, line: Line): void {
  const lines = placed.get(folder)
  if (lines === undefined) placed.set(folder, [line])
  else lines.push(line)
}

const importance: Readonly<Record<Severity, number>> = { error: 0, warning: 1, advice: 2 }

function byImportance(a: Line, b: Line): number {
  return (
    Number(a.scope.length > 0) - Number(b.scope.length > 0) ||
    importance[a.severity] - importance[b.severity] ||
    compareText(a.id, b.id)
  )
}
