import { baselineLines, grownBy } from './baseline-lines.ts'
import { readSettings, type Tree } from './read-settings.ts'
import { weakerArchitecture } from './weaker-architecture.ts'
import { weakerChecks, type RuleDefaults } from './weaker-checks.ts'

export interface ComparedFile {
  readonly path: string
  readonly was: string
  /** Null when the file is gone. */
  readonly now: string | null
}

/** What in a file of settings got weaker, in sentences. */
export function compareSettings({ path, was, now }: ComparedFile, builtIn: readonly RuleDefaults[]): string[] {
  if (path.startsWith('harness/baseline/')) return grown({ path, was, now })
  if (now === null) return [`${path} is deleted; it holds rules or CI`]
  if (/^harness\/checks\.ya?ml$/.test(path))
    return compareTrees(was, now, (before, after) => weakerChecks(before, after, builtIn))
  if (/^harness\/architecture\.ya?ml$/.test(path)) return compareTrees(was, now, weakerArchitecture)
  return path.startsWith('harness/') ? [] : lostSteps(was, now)
}

function grown({ path, was, now }: ComparedFile): string[] {
  const added = grownBy(baselineLines(path, was), baselineLines(path, now ?? '')).length
  return added === 0 ? [] : [`${added} violations are added to the baseline; it may only shrink`]
}

/** What cannot be read may be weaker in every way: it is told, never passed over. */
function compareTrees(was: string, now: string, compare: (was: Tree, now: Tree) => string[]): string[] {
  const [before, after] = [readSettings(was), readSettings(now)]
  if (before !== null && after !== null) return compare(before, after)
  const when = before !== null ? 'after it' : after !== null ? 'before the change' : 'before the change and after it'
  return [`what it weakens cannot be judged, because it cannot be read ${when}`]
}

/** Lines of CI that run checks or tests, by their text. */
function lostSteps(was: string, now: string): string[] {
  const steps = (text: string): string[] =>
    text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => /\b(?:check|test|lint|verify)\b/.test(line) && /run:|cox|npm|pnpm|yarn|node/.test(line))
  const kept = new Set(steps(now))
  return steps(was)
    .filter((line) => !kept.has(line))
    .map((line) => `CI no longer runs \`${line.replace(/^-?\s*run:\s*/, '')}\``)
}
