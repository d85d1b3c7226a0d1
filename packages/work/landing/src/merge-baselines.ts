import { listTree, readTexts, treeWithFiles, type Git, type MergeResult } from '@coxswain/host'

const folder = 'harness/baseline/'

export function isBaseline(path: string): boolean {
  return path.startsWith(folder) && path.endsWith('.txt')
}

/**
 * A baseline is a set of lines: what either side took out is out, and what either added is in. Merged as text, lines that left on one
 * side come back beside those that left on the other.
 */
export async function mergeBaselines(
  git: Git,
  merge: MergeResult,
  sides: { readonly base: string; readonly ours: string; readonly theirs: string },
): Promise<MergeResult> {
  const base = await listBaselines(git, sides.base)
  const ours = await listBaselines(git, sides.ours)
  const theirs = await listBaselines(git, sides.theirs)
  const files = new Map<string, string | null>()
  for (const path of new Set([...base.keys(), ...ours.keys(), ...theirs.keys()])) {
    const [before, mine, other] = [base.get(path), ours.get(path), theirs.get(path)]
    if (new Set([before, mine, other]).size < 3) continue // at most one side changed it, or both in the same way
    const lines = await Promise.all([linesOf(git, before), linesOf(git, mine), linesOf(git, other)])
    files.set(path, mergeLines(...lines))
  }
  if (files.size === 0) return merge
  const tree = await treeWithFiles(git, merge.tree, files)
  const paths = merge.kind === 'clean' ? [] : merge.paths.filter((path) => !files.has(path))
  return paths.length === 0 ? { kind: 'clean', tree } : { kind: 'conflict', tree, paths }
}

async function listBaselines(git: Git, commit: string): Promise<Map<string, string>> {
  const entries = await listTree(git, commit, [folder])
  return new Map(entries.flatMap(({ mode, id, path }) => (mode === '100644' && isBaseline(path) ? [[path, id] as const] : [])))
}

async function linesOf(git: Git, object: string | undefined): Promise<Set<string>> {
  const text = object === undefined ? '' : ((await readTexts(git, [object])).get(object) ?? '')
  return new Set(text.split('\n').filter((line) => line !== ''))
}

function mergeLines(before: ReadonlySet<string>, mine: ReadonlySet<string>, other: ReadonlySet<string>): string | null {
  const kept = [...before].filter((line) => mine.has(line) && other.has(line))
  const added = [...mine, ...other].filter((line) => !before.has(line))
  const lines = [...new Set([...kept, ...added])].toSorted()
  return lines.length === 0 ? null : lines.map((line) => `${line}\n`).join('')
}
