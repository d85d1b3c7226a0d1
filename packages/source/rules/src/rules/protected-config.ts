import { createRequire } from 'node:module'
import { defineRule, type RawFinding } from '../rule.ts'

export const protectedConfig = defineRule({
  id: 'protected-config',
  why: 'The easiest way to a green check is a weaker check; only a person may choose it.',
  severity: 'error',
  scope: 'graph',
  options: (z) => z.strictObject({}),
  // Protected files never come through an edit.
  update: (_, known) => known,
  check: ({ workspace, before }) => {
    if (before === null) return []
    return [...before.keys()].toSorted().flatMap((path) => {
      const was = before.get(path) ?? ''
      const now = workspace.facts.has(path) ? workspace.textOf(path) : null
      const weaker = weakenedSettings(path, was, now)
      return weaker.map((what): RawFinding => ({
        file: path,
        line: 1,
        column: 1,
        what,
        fix: [
          `Take the change back: \`git checkout HEAD -- ${path}\`, and mend the code instead.`,
          'If the rule is wrong, say so to a person with the finding as evidence; they change it, in a commit of its own.',
        ],
        anchor: `protected ${what}`,
      }))
    })
  },
})

/** Files whose old content the rule wants to see. */
export const protectedPaths: readonly string[] = [
  'harness',
  '.github/workflows',
  '.gitlab-ci.yml',
  '.circleci',
  'azure-pipelines.yml',
]

/** What in a file of settings got weaker, in sentences; `now` is null when the file is gone. */
export function weakenedSettings(path: string, was: string, now: string | null): string[] {
  if (now === null) return [`${path} is deleted; it holds rules, their baseline or CI`]
  if (path.startsWith('harness/baseline/')) return grown(was, now)
  if (/^harness\/checks\.ya?ml$/.test(path)) return weakerRules(readMap(was), readMap(now))
  if (/^harness\/architecture\.ya?ml$/.test(path)) return weakerArchitecture(readMap(was), readMap(now))
  return path.startsWith('harness/') ? [] : lostSteps(was, now)
}

function grown(was: string, now: string): string[] {
  const known = new Set(was.split('\n'))
  const added = now.split('\n').filter((line) => line !== '' && !line.startsWith('#') && !known.has(line)).length
  return added === 0 ? [] : [`${added} violations are added to the baseline; it may only shrink`]
}

type Tree = Readonly<Record<string, unknown>>

type Yaml = typeof import('yaml')
let yaml: Yaml | undefined

function readMap(text: string): Tree {
  try {
    // Loaded only when a protected file differs: most checks compare none.
    yaml ??= createRequire(import.meta.url)('yaml') as Yaml
    const value: unknown = yaml.parse(text)
    return isTree(value) ? value : {}
  } catch {
    return {} // an unreadable file is reported by whoever loads it
  }
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const rank: Readonly<Record<string, number>> = { off: 0, warning: 1, error: 2 }

function weakerRules(was: Tree, now: Tree): string[] {
  const [before, after] = [isTree(was['rules']) ? was['rules'] : {}, isTree(now['rules']) ? now['rules'] : {}]
  const found: string[] = []
  for (const [id, old] of Object.entries(before)) {
    const current = after[id]
    if (current === undefined) found.push(`${id} is no longer configured`)
    else found.push(...weakerRule(id, isTree(old) ? old : { severity: old }, isTree(current) ? current : { severity: current }))
  }
  if (was['defaults'] === 'error' && now['defaults'] !== 'error') found.push('defaults are no longer errors')
  const [globs, more] = [globsOf(was['exclude']), globsOf(now['exclude'])]
  return [...found, ...more.filter((glob) => !globs.includes(glob)).map((glob) => `${glob} is excluded from every rule`)]
}

function weakerRule(id: string, was: Tree, now: Tree): string[] {
  const found: string[] = []
  const [old, current] = [severityOf(was), severityOf(now)]
  if ((rank[current] ?? 2) < (rank[old] ?? 2)) found.push(`${id} goes from ${old} to ${current}`)
  for (const glob of globsOf(now['exclude']))
    if (!globsOf(was['exclude']).includes(glob)) found.push(`${id} no longer looks at ${glob}`)
  for (const key of ['max', 'lines', 'tokens', 'maxDays']) {
    const [before, after] = [was[key], now[key]]
    if (typeof before === 'number' && typeof after === 'number' && after > before)
      found.push(`${id}: ${key} goes from ${before} to ${after}`)
  }
  return found
}

function severityOf({ severity }: Tree): string {
  return typeof severity === 'string' ? severity : 'error'
}

function weakerArchitecture(was: Tree, now: Tree): string[] {
  return ['edges', 'boundaries', 'shared-layers', 'providers'].flatMap((key) => {
    const known = new Set(list(was[key]).map((item) => JSON.stringify(item)))
    return list(now[key])
      .filter((item) => !known.has(JSON.stringify(item)))
      .map((item) => `${key} gains ${JSON.stringify(item)}`)
  })
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function globsOf(value: unknown): string[] {
  return list(value).map(String)
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
