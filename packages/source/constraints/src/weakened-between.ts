import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openGit, openRepository, resolveCommit, unknownCommit, type Git } from '@coxswain/host'
import { CoxError, mapLimit } from '@coxswain/kernel'
import type { Constraint } from './constraint.ts'
import { exemptedBetween, type Exempted, type ExemptionTest, type Texts } from './exempted-between.ts'
import { listTree } from './list-tree.ts'
import { constraintFolder } from './load-constraints.ts'
import { parseConstraint } from './parse-constraint.ts'
import { compareText } from './problem.ts'
import { isErrorCode } from './read-text.ts'
import { weakenedConstraints, type Weakening } from './weakened-constraints.ts'

/** What weakens in a file of settings, in sentences; handed in by whoever knows the rules. */
export interface SettingsTest extends ExemptionTest {
  /** Files and folders that hold settings. */
  readonly paths: readonly string[]
  /** `was` is null when the file is new, `now` when it is gone. */
  readonly weakened: (path: string, was: string | null, now: string | null) => readonly string[]
}

export interface Span {
  readonly root: string
  /** A commit; without it, the branch's merge base with the main branch, or the commit before. */
  readonly since?: string
  /** A commit; without it, the files as they stand. */
  readonly until?: string
  readonly settings?: SettingsTest
  readonly signal?: AbortSignal
}

export interface DeclaredWeakening extends Weakening {
  readonly why: string
}

export interface WeakenedReport {
  /** What was compared with; null when there is no earlier commit. */
  readonly since: string | null
  readonly weakened: readonly Weakening[]
  /** Those that a commit declares with a line `Weakens: <id> <why>`. */
  readonly declared: readonly DeclaredWeakening[]
  /** What was taken out of a rule's reach with a reason of its own, in a comment, a setting or the baseline. */
  readonly exempted: readonly Exempted[]
}

/** What a change weakens, and by how much. @throws CoxError REF_UNKNOWN, NOT_A_REPOSITORY */
export async function weakenedBetween(span: Span): Promise<WeakenedReport> {
  const git = openGit(span.root)
  const since = span.since === undefined ? await earlierCommit(git) : await commitNamed(git, span.since)
  if (since === null) return { since, weakened: [], declared: [], exempted: [] }
  const until = span.until === undefined ? null : await commitNamed(git, span.until)
  const look: Look = { ...span, git, since, until }
  const found = [...(await constraintWeakenings(look)), ...(await settingWeakenings(look))]
  const reasons = await declarations(look)
  return {
    since,
    weakened: found.filter(({ id }) => !reasons.has(id)),
    declared: found.flatMap((one) => {
      const why = reasons.get(one.id)
      return why === undefined ? [] : [{ ...one, why }]
    }),
    exempted: await newlyExempted(look),
  }
}

/** One line for each weakening and exemption; nothing when there is none. */
export function renderWeakened({ weakened, declared, exempted }: Omit<WeakenedReport, 'since'>): string {
  const lines = weakened.map(({ id, kind, detail }) => `weakened ${id}: ${kind}: ${detail}\n`)
  const said = declared.map(({ id, kind, detail, why }) => `weakened ${id}: ${kind}: ${detail}\n  declared: ${why}\n`)
  const exempt = exempted.map(({ file, detail, why }) => `exempted, with a reason, ${file}: ${detail}\n  reason: ${why}\n`)
  return [...lines, ...said, ...exempt].join('')
}

interface Look {
  readonly root: string
  readonly git: Git
  readonly since: string
  readonly until: string | null
  readonly settings?: SettingsTest
  readonly signal?: AbortSignal
}

async function commitNamed(git: Git, revision: string): Promise<string> {
  const commit = await resolveCommit(git, revision)
  if (commit !== null) return commit
  await openRepository(git.cwd) // outside a repository no name is wrong
  throw await unknownCommit(git, revision)
}

/** On a branch, where it left the main branch; on the main branch, the commit before. */
async function earlierCommit(git: Git): Promise<string | null> {
  const head = await resolveCommit(git, 'HEAD')
  for (const main of ['origin/HEAD', 'origin/main', 'origin/master', 'main', 'master']) {
    const base = await git.attempt(['merge-base', 'HEAD', main])
    const commit = base.stdout.trim()
    if (base.exitCode === 0 && commit !== head) return commit
  }
  const before = await resolveCommit(git, 'HEAD~1')
  if (before !== null || !(await isShallow(git))) return before
  throw new CoxError('REF_UNKNOWN', 'This shallow clone holds no earlier commit to compare with', {
    hint: 'Fetch more of the history (`fetch-depth: 0` in GitHub Actions, or `git fetch --unshallow`), or name a commit with --since.',
  })
}

async function isShallow(git: Git): Promise<boolean> {
  return (await git.attempt(['rev-parse', '--is-shallow-repository'])).stdout.trim() === 'true'
}

async function constraintWeakenings(look: Look): Promise<Weakening[]> {
  const names = (await changedFiles(look, [constraintFolder])).filter((path) => path.endsWith('.md'))
  if (names.length === 0) return []
  const texts = await mapLimit(names, 4, (path) => bothTexts(look, path))
  const before = texts.flatMap(({ path, was }) => parsed(path, was))
  const after = texts.flatMap(({ path, now }) => parsed(path, now))
  return weakenedConstraints(before, after, await listTree(look.root, look.signal))
}

function parsed(file: string, text: string | null): Constraint[] {
  const constraint = text === null ? null : parseConstraint({ file, text }).constraint
  return constraint === null ? [] : [constraint]
}

async function settingWeakenings(look: Look): Promise<Weakening[]> {
  const { settings } = look
  if (settings === undefined) return []
  const paths = (await changedFiles(look, settings.paths)).filter((path) => !path.startsWith(`${constraintFolder}/`))
  const texts = await mapLimit(paths, 4, (path) => bothTexts(look, path))
  return texts.flatMap(({ path, was, now }) =>
    settings.weakened(path, was, now).map((detail) => ({ id: path, kind: 'setting-weakened' as const, detail })),
  )
}

async function newlyExempted(look: Look): Promise<Exempted[]> {
  const { settings } = look
  if (settings === undefined) return []
  const paths = [...(await changedFiles(look, settings.paths)), ...(await changedFiles(look, ['.'], ['-G', settings.mark]))]
  return exemptedBetween(await mapLimit([...new Set(paths)], 4, (path) => bothTexts(look, path)), settings)
}

/** New files too, and those that git is not told of yet. */
async function changedFiles(
  { git, since, until }: Look,
  paths: readonly string[],
  filter: readonly string[] = [],
): Promise<string[]> {
  const commits = until === null ? [since] : [since, until]
  const command = ['diff', '--name-only', '-z', '--no-renames', '--relative', '--diff-filter=AMD', ...filter, ...commits]
  const listed = await git.run([...command, '--', ...paths])
  const fresh = until === null ? await git.run(['ls-files', '-z', '--others', '--exclude-standard', '--', ...paths]) : ''
  return [...new Set(`${listed}${fresh}`.split('\0'))].filter((path) => path !== '').toSorted(compareText)
}

async function bothTexts(look: Look, path: string): Promise<Texts> {
  const { git, since, until, root } = look
  return {
    path,
    was: await textAt(git, since, path),
    now: until === null ? textOnDisk(root, path) : await textAt(git, until, path),
  }
}

async function textAt(git: Git, commit: string, path: string): Promise<string | null> {
  const shown = await git.attempt(['show', `${commit}:./${path}`])
  return shown.exitCode === 0 ? shown.stdout : null
}

function textOnDisk(root: string, path: string): string | null {
  try {
    return readFileSync(join(root, path), 'utf8')
  } catch (error) {
    if (isErrorCode(error, 'ENOENT', 'ENOTDIR', 'EISDIR')) return null
    throw error
  }
}

async function declarations({ git, since, until }: Look): Promise<ReadonlyMap<string, string>> {
  const log = await git.run(['log', '--format=%B', `${since}..${until ?? 'HEAD'}`])
  return new Map([...log.matchAll(/^Weakens: (\S+)[ \t]+(\S.*)$/gm)].map(([, id = '', why = '']) => [id, why]))
}
