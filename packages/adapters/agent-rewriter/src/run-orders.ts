import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { applyPlan, emptyPlan, hashOf, ownPath, recordedPlan, type FileChange, type FilePlan } from './apply-plan.ts'
import { bytesOfEdits, chooseReplacements, groupMatches, replaceBytes, type Replacement } from './plan-rewrite.ts'
import type { Orders, Rewrite, RewriteRule } from './read-orders.ts'
import { scan, type RuleMatch, type ScanRequest } from './scan.ts'

export interface OrdersContext extends Omit<ScanRequest, 'rules' | 'files'> {
  readonly orders: Orders
}

export interface OrdersReport {
  readonly changed: readonly string[]
  readonly places: number
  readonly skipped: readonly { readonly file: string; readonly why: string }[]
  /** Rules that would change again what they have changed. */
  readonly unstable: readonly string[]
}

/** Carries out what a task says: first the edits, whose offsets are those of the text as it is, then the rules. */
export async function runOrders(context: OrdersContext): Promise<OrdersReport> {
  const { orders, worktree, folder, signal } = context
  const report = { changed: new Set<string>(), places: 0, skipped: new Map<string, string>() }
  const carryOut = async (name: string, compute: () => Promise<FilePlan>): Promise<FilePlan> => {
    const plan = await recordedPlan(join(folder, `${name}.json`), compute)
    const applied = await applyPlan(plan, worktree, signal)
    for (const file of applied.changed) report.changed.add(file)
    for (const { file, why } of applied.skipped) report.skipped.set(file, why)
    report.places += plan.places
    return plan
  }
  for (const [index, rewrite] of orders.rewrites.entries()) await carryOut(`edits-${index}`, () => planEdits(rewrite, worktree))
  if (orders.rules.length > 0) await runPasses(context, carryOut)
  const unstable = await findUnstable(context, [...report.changed])
  return {
    changed: [...report.changed].toSorted(),
    places: report.places,
    skipped: [...report.skipped].map(([file, why]) => ({ file, why })),
    unstable,
  }
}

type CarryOut = (name: string, compute: () => Promise<FilePlan>) => Promise<FilePlan>

/** As deep as calls are nested in each other in real code, and more. */
const maxPasses = 20
/** More would not fit on a command line everywhere. */
const maxFileArguments = 500

/** What overlapped waits for the next pass: a call inside of a rewritten call has moved by then. */
async function runPasses(context: OrdersContext, carryOut: CarryOut): Promise<void> {
  let files: readonly string[] | null = null
  for (let pass = 1; pass <= maxPasses; pass += 1) {
    const within: readonly string[] | null = files
    const plan = await carryOut(`pass-${pass}`, () => planRules(context, within))
    if (plan.again.length === 0) return
    files = plan.again.length > maxFileArguments ? null : plan.again
  }
}

async function planRules(context: OrdersContext, files: readonly string[] | null): Promise<FilePlan> {
  const { matches, broken } = await scan({ ...context, rules: context.orders.rules, files })
  const byFile = groupMatches(matches, context.orders.rules)
  const plan = { changes: [] as FileChange[], again: [] as string[], skipped: [] as FilePlan['skipped'][number][], places: 0 }
  for (const [file, found] of byFile) {
    const planned =
      broken.has(file) || broken.has(`./${file}`) ? 'it does not parse' : await planFile(context.worktree, file, found)
    if (planned === null) continue
    if (typeof planned === 'string') plan.skipped.push({ file, why: planned })
    else {
      plan.changes.push(planned.change)
      plan.places += planned.places
      if (planned.postponed > 0) plan.again.push(file)
    }
  }
  return { ...plan, moves: [] }
}

interface PlannedFile {
  readonly change: FileChange
  readonly places: number
  readonly postponed: number
}

/** Null when nothing changes; a reason when the file must be left alone. */
async function planFile(worktree: string, file: string, matches: readonly RuleMatch[]): Promise<PlannedFile | string | null> {
  const content = await readOwn(worktree, file)
  if (content === null) return 'it cannot be read, or lies outside of the worktree'
  const candidates = matches.map(({ start, end, replacement }) => ({ start, end, text: replacement }))
  const effective = candidates.filter(({ start, end, text }) => content.subarray(start, end).toString('utf8') !== text)
  return planReplacements(file, content, effective)
}

function planReplacements(file: string, content: Buffer, candidates: readonly Replacement[]): PlannedFile | null {
  const { chosen, postponed } = chooseReplacements(candidates)
  if (chosen.length === 0) return null
  const change = { file, before: hashOf(content), content: replaceBytes(content, chosen) }
  return { change, places: chosen.length, postponed }
}

async function readOwn(worktree: string, file: string): Promise<Buffer | null> {
  const path = await ownPath(worktree, file)
  return path === null ? null : readFile(path).catch(() => null)
}

async function planEdits(rewrite: Rewrite, worktree: string): Promise<FilePlan> {
  const plan = { changes: [] as FileChange[], skipped: [] as FilePlan['skipped'][number][], places: 0 }
  for (const [file, edits] of Map.groupBy(rewrite.edits, (edit) => edit.file)) {
    const content = await readOwn(worktree, file)
    if (content === null) {
      plan.skipped.push({ file, why: 'it cannot be read, or lies outside of the worktree' })
      continue
    }
    const { replacements, stale } = bytesOfEdits(content, edits)
    const planned = planReplacements(file, content, replacements)
    const leftOut = stale + (planned?.postponed ?? 0)
    if (leftOut > 0) plan.skipped.push({ file, why: `${leftOut} of ${edits.length} edits no longer fit the text, or overlap` })
    if (planned === null) continue
    plan.changes.push(planned.change)
    plan.places += planned.places
  }
  const creations = rewrite.creations.map(({ file, text }) => ({ file, before: null, content: Buffer.from(text) }))
  return {
    ...emptyPlan,
    ...plan,
    changes: [...plan.changes, ...creations],
    places: plan.places + creations.length,
    moves: rewrite.moves,
  }
}

async function findUnstable(context: OrdersContext, changed: readonly string[]): Promise<string[]> {
  const { rules } = context.orders
  if (rules.length === 0 || changed.length === 0) return []
  const files = changed.length > maxFileArguments ? null : changed
  const { matches } = await scan({ ...context, rules, files })
  const kept = new Set(changed)
  const left = [...groupMatches(matches, rules)].filter(([file]) => kept.has(file)).flatMap(([, found]) => found)
  const effective = left.filter((match) => match.text !== match.replacement)
  return [...new Set(effective.map((match) => idOf(rules, match)))]
}

function idOf(rules: readonly RewriteRule[], match: RuleMatch): string {
  return rules[match.ruleIndex]?.id ?? ''
}
