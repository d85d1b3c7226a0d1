import { systemClock } from '@coxswain/host'
import { counted, CoxError } from '@coxswain/kernel'
import { createFactTree, type FactTree, cacheFile, findRoot, openCache, type FactCache, type Root } from '@coxswain/facts'
import { matchBaseline, planBaseline, readBaseline, writeBaseline, type BaselineEntry } from './baseline/baseline.ts'
import type { AppliedFix, CheckReport } from './check-report.ts'
import { constraintFileRule } from './config/load-config.ts'
import { openSession, type CheckSession } from './engine/check-session.ts'
import { buildReport } from './engine/build-report.ts'
import { createExemptionTest } from './engine/exemption-test.ts'
import { planScan } from './engine/plan-scan.ts'
import { tellProgress } from './engine/tell-progress.ts'
import { noteWithoutEntry } from './engine/note-without-entry.ts'
import { noteOpenClaims } from './engine/judge-claims.ts'
import { languagesOf } from './engine/note-of-scripts.ts'
import { findChanged, readProtected } from './extra/git-changes.ts'
import { runConstraints } from './extra/run-constraints.ts'
import { runOxlint } from './extra/run-oxlint.ts'
import { runPatterns } from './extra/run-patterns.ts'
import type { Finding } from './finding.ts'
import { applyFixes } from './fix/apply-fixes.ts'
import { pathFromRoot } from './path-from-root.ts'

export interface CheckOptions {
  /** Any folder of the repository. */
  readonly cwd: string
  /** Files or folders, absolute or from `cwd`; none means all. */
  readonly paths?: readonly string[]
  /** Only files that differ from this commit. */
  readonly changed?: string | null
  readonly rules?: readonly string[]
  readonly fix?: boolean
  readonly cache?: boolean
  /** False: what is in the baseline is told too. */
  readonly baseline?: boolean
  readonly updateBaseline?: boolean
  /** Why the new findings are taken into the baseline. */
  readonly accept?: string | null
  readonly signal?: AbortSignal
  /** Takes a line when reading takes long. */
  readonly onProgress?: (line: string) => void
}

/** Checks a repository. @throws CoxError CONFIG_INVALID, RULE_UNKNOWN, FOLDER_MISSING, PATH_UNKNOWN, REF_UNKNOWN, NO_COMMITS, NOT_A_REPOSITORY */
export async function runCheck(options: CheckOptions): Promise<CheckReport> {
  const startedAt = systemClock.now()
  const root = findRoot(options.cwd)
  const changed = options.changed == null ? null : await findChanged(root.root, options.changed, options.signal)
  const selection = { root, options, changed }
  const cache = options.cache === false ? null : openCache(root.root)
  try {
    return await check(selection, cache, startedAt)
  } finally {
    cache?.close()
  }
}

async function check(selection: Selection, cache: FactCache | null, startedAt: number): Promise<CheckReport> {
  const { root, options } = selection
  const scan = planScan({ root: root.root, rules: options.rules ?? [], changed: selection.changed })
  const tree = createFactTree(root.root, cache, {
    ...scan,
    ...(options.onProgress && { onProgress: tellProgress({ clock: systemClock, write: options.onProgress }) }),
  })
  const before = (): ReturnType<typeof readProtected> => readProtected(root.root, options.changed ?? 'HEAD', options.signal)
  const isWholeLook = scan.scan !== 'code'
  const session = await openSession({ tree, only: options.rules ?? [], isWholeLook, before }, options.signal)
  const applied = options.fix === true ? await fixAll(session, selection) : []
  const report = await makeReport({ session, tree, selection, applied, startedAt })
  session.save()
  return report
}

export interface ReportRequest {
  readonly session: CheckSession
  readonly tree: FactTree
  readonly selection: Selection
  readonly applied: readonly AppliedFix[]
  readonly startedAt: number
}

/** What a session knows, for what was asked, against the baseline. */
export async function makeReport({ session, tree, selection, applied, startedAt }: ReportRequest): Promise<CheckReport> {
  const { root, options } = selection
  const unmet = unmetPaths(session, selection)
  const { own, extra, checked, hasSource, notes } = await collectFindings(session, selection)
  const asked = options.rules ?? []
  const known = options.baseline === false ? [] : readBaseline(root.root)
  const entries = known.filter((entry) => asked.length === 0 || asked.includes(entry.rule))
  // Matched as a whole: code that moved between a file that was asked for and one that was not is still known.
  const whole = matchBaseline([...own, ...extra], entries)
  const covers = createSelector(selection)
  const match = {
    fresh: whole.fresh.filter((finding) => concerns(finding, covers)),
    known: whole.known.filter(({ finding }) => concerns(finding, covers)),
    fixed: whole.fixed,
  }
  const isAccepted = options.updateBaseline === true && options.accept != null
  const updated = options.updateBaseline === true ? baselineNote(match.fresh.length, isAccepted) : []
  if (options.updateBaseline === true) {
    const ownRules = new Set(session.config.rules.map((entry) => entry.rule.id))
    // Of what was not looked at nothing new is known: it stays.
    const isSeen = (entry: BaselineEntry): boolean => entries.includes(entry) && (ownRules.has(entry.rule) || covers(entry.file))
    const matched = new Set(whole.known.map(({ entry }) => entry))
    const unseen = known.filter((entry) => !matched.has(entry) && !isSeen(entry))
    await writeBaseline(root.root, [...unseen, ...planBaseline({ ...whole, fresh: match.fresh }, options.accept ?? null)])
  }
  const report = buildReport({
    session,
    tree,
    match,
    applied,
    isAccepted,
    isWhole: isWhole(root, options),
    hasSource,
    wallMs: systemClock.now() - startedAt,
  })
  const { open, unread } = session.open()
  const asides = [
    ...noteOpenClaims({ open: open.filter(({ file }) => covers(file)), unread }),
    ...noteWithoutEntry(session, covers),
  ]
  return { ...report, rules: report.rules + checked, notes: [...report.notes, ...notes, ...asides, ...unmet, ...updated] }
}

/** What became of new findings: without a reason a baseline only shrinks, and they would look forgotten. */
function baselineNote(fresh: number, isAccepted: boolean): string[] {
  if (fresh === 0) return []
  const what = counted(fresh, 'new finding')
  if (isAccepted) return [`${what} taken into harness/baseline: commit it`]
  const them = fresh === 1 ? 'it' : 'them'
  return [`${what} not taken into the baseline: mend ${them}, or take ${them} in with a reason: --update-baseline --accept "why"`]
}

/**
 * What a file takes part in is told of it too, wherever the finding has its place: a circle is closed by any of its files. A constraint that
 * cannot be read is as little enforced there as elsewhere.
 */
function concerns({ rule, file, related }: Finding, covers: (file: string) => boolean): boolean {
  return covers(file) || (related ?? []).some(covers) || rule === constraintFileRule
}

/** A path that is misspelt would look clean. @throws CoxError PATH_UNKNOWN when nothing that was asked for is there */
function unmetPaths({ workspace }: CheckSession, { root, options }: Selection): string[] {
  const isThere = (path: string | null): boolean =>
    path === '' ||
    (path !== null && (workspace.facts.has(path) || [...workspace.facts.keys()].some((file) => file.startsWith(`${path}/`))))
  const asked = options.paths ?? []
  const unmet = asked.filter((path) => !isThere(pathFromRoot(root, path)))
  if (asked.length > 0 && unmet.length === asked.length)
    throw new CoxError('PATH_UNKNOWN', `No file of this repository is at ${unmet.join(', ')}`, {
      hint: 'Name files or folders from the current folder; what git ignores is not checked.',
    })
  return unmet.map((path) => `no file of this repository is at ${path}`)
}

export interface Selection {
  readonly root: Root
  readonly options: CheckOptions
  readonly changed: ReadonlySet<string> | null
}

function isWhole(root: Root, options: CheckOptions): boolean {
  return root.inside === '' && (options.paths ?? []).length === 0 && options.changed == null && (options.rules ?? []).length === 0
}

interface Collected {
  /** Of the whole repository: they are there anyway. */
  readonly own: readonly Finding[]
  /** Of other tools, for the files that were asked for. */
  readonly extra: readonly Finding[]
  readonly checked: number
  readonly hasSource: boolean
  readonly notes: readonly string[]
}

async function collectFindings(session: CheckSession, selection: Selection): Promise<Collected> {
  const covers = createSelector(selection)
  const files = [...session.workspace.facts.keys()].filter(covers)
  const scope = {
    root: selection.root.root,
    config: session.config,
    workspace: session.workspace,
    files,
    isExempt: createExemptionTest({
      workspace: session.workspace,
      exemptions: session.config.exemptions,
      today: session.day,
    }),
    ...(selection.options.signal && { signal: selection.options.signal }),
  }
  const { options, root } = selection
  const cached = options.cache === false ? null : cacheFile(root.root).replace(/\.sqlite$/, '.matches.json')
  const told = await runConstraints({ ...scope, only: options.rules ?? [], cacheFile: cached })
  const lint = await runOxlint(scope)
  const extra = [...runPatterns(scope), ...told.findings, ...lint.findings]
  const { hasSource, notes } = languagesOf(files)
  return { own: session.findings(), extra, checked: told.checked, hasSource, notes: [...lint.notes, ...notes] }
}

/** The files that were asked for. */
function createSelector({ root, options, changed }: Selection): (file: string) => boolean {
  const asked = options.paths ?? []
  const prefixes = asked.length === 0 ? [root.inside] : asked.flatMap((path) => pathFromRoot(root, path) ?? [])
  const isAll = prefixes.includes('')
  return (file) =>
    (isAll || prefixes.some((prefix) => file === prefix || file.startsWith(`${prefix}/`))) &&
    (changed === null || changed.has(file))
}

const mostPasses = 5

/** One fix may open the way for another: repeats until nothing more is certain. */
async function fixAll(session: CheckSession, selection: Selection): Promise<AppliedFix[]> {
  const covers = createSelector(selection)
  const applied: AppliedFix[] = []
  for (let pass = 0; pass < mostPasses; pass++) {
    const fixable = session.findings().filter((finding) => finding.rewrite !== undefined && covers(finding.file))
    const done = await applyFixes(selection.root.root, fixable)
    applied.push(...done)
    if (done.length === 0) break
    await session.rescan(selection.options.signal)
  }
  return applied
}
