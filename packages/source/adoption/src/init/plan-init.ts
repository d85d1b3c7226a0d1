import { join } from 'node:path'
import { compareText, readText } from '@coxswain/constraints'
import { loadTokenCounter } from '@coxswain/delivery'
import { mapLimit } from '@coxswain/kernel'
import type { Draft } from '../import/import-constraints.ts'
import { cheaperText, importConstraints } from '../import/import-constraints.ts'

export interface ProposedFile {
  readonly path: string
  /** Null for a new file. */
  readonly before: string | null
  readonly after: string
}

export interface InitPlan {
  /** One reviewable change; nothing is written. */
  readonly files: readonly ProposedFile[]
  /** Sentences that left the instructions, and where each one went. */
  readonly moved: readonly { readonly file: string; readonly line: number; readonly text: string; readonly to: string }[]
  readonly tokensBefore: number
  readonly tokensAfter: number
}

/** As many as a person reviews in five minutes. */
const mostConstraints = 10

/**
 * The smallest useful harness for a repository that has instructions: each sentence that a machine already enforces leaves the prose,
 * the ones a built-in check could take over become constraints on that rung, and everything else stays where people wrote it.
 */
export async function planInit(root: string, signal?: AbortSignal): Promise<InitPlan> {
  const { drafts } = await importConstraints(root, signal)
  const takenOver = drafts
    .filter((draft) => draft.cheaper.kind === 'possible' && draft.cheaper.check !== null && isOneThing(draft.provenance.quote))
    .slice(0, mostConstraints)
  const enforced = drafts.filter(
    (draft) =>
      draft.cheaper.kind === 'enforced' && draft.rung !== 'check' && !draft.cheaper.by.some((by) => by.endsWith('in part of it')),
  )
  const constraints = takenOver.map((draft): ProposedFile => ({
    path: `harness/constraints/${draft.id}.md`,
    before: null,
    after: onItsCheck(draft),
  }))
  const leaving = [...takenOver, ...enforced]
    .filter((draft) => draft.rung !== 'check' && isOneThing(draft.provenance.quote))
    .flatMap(placesOf)
  const shorter = await shortened(root, leaving)
  const count = await loadTokenCounter()
  const sum = (texts: readonly string[]): number => texts.reduce((total, text) => total + count(text), 0)
  const removed = new Set(shorter.flatMap((file) => file.removed))
  return {
    files: [...constraints, ...shorter.map((file) => file.proposed)].toSorted((a, b) => compareText(a.path, b.path)),
    moved: leaving
      .filter((place) => removed.has(place))
      .map(({ file, line, draft }) => ({ file, line, text: draft.provenance.quote, to: destination(draft, takenOver) })),
    tokensBefore: sum(shorter.map((file) => file.proposed.before ?? '')),
    tokensAfter: sum(shorter.map((file) => file.proposed.after)),
  }
}

/** A long sentence says more than the mechanism in it enforces, so it stays for its author to shorten. */
function isOneThing(text: string): boolean {
  return text.split(/\s+/).length <= 12
}

export function renderInit(plan: InitPlan): string {
  const rows = plan.moved.map((one) => `${one.file}:${one.line} "${one.text}"\n  → ${one.to}\n`)
  const fresh = plan.files.filter((file) => file.before === null)
  const effect =
    plan.moved.length === 0
      ? 'no sentence can leave the instructions with certainty'
      : `the instructions it touches shrink from ${plan.tokensBefore} to ${plan.tokensAfter} tokens`
  return `${rows.join('')}proposes ${fresh.length} ${fresh.length === 1 ? 'constraint' : 'constraints'}; ${effect}\n`
}

function destination(draft: Draft, takenOver: readonly Draft[]): string {
  return takenOver.includes(draft) ? `harness/constraints/${draft.id}.md` : cheaperText(draft.cheaper)
}

/** The draft's prose rung becomes the check; it warns until somebody has seen what it finds. */
function onItsCheck(draft: Draft): string {
  const check = draft.cheaper.kind === 'possible' ? draft.cheaper.check : null
  const lines = draft.text.split('\n')
  const start = lines.indexOf('rungs:')
  const end = lines.findIndex((line, index) => index > start && /^\S/.test(line))
  return [...lines.slice(0, start + 1), `  - check:`, `      rule: ${check ?? ''}`, ...lines.slice(end)]
    .join('\n')
    .replace('\nseverity: advice\n', '\nseverity: warning\n')
}

/** Where the words of a draft stand. What a ruler generates follows its source, which alone is edited. */
interface LeavingPlace {
  readonly file: string
  readonly line: number
  readonly draft: Draft
}

function placesOf(draft: Draft): LeavingPlace[] {
  const isSource = /^\.(?:ruler|rulesync)\//.test(draft.provenance.file)
  return [draft.provenance, ...(isSource ? [] : draft.also)].map(({ file, line }) => ({ file, line, draft }))
}

interface Shortened {
  readonly proposed: ProposedFile
  readonly removed: readonly LeavingPlace[]
}

async function shortened(root: string, leaving: readonly LeavingPlace[]): Promise<Shortened[]> {
  const byFile = [...Map.groupBy(leaving, ({ file }) => file)]
  const files = await mapLimit(byFile, 8, async ([path, places]): Promise<Shortened[]> => {
    const read = await readText(join(root, path))
    if (read?.kind !== 'text') return []
    const { text, removed } = withoutItems(read.text, places)
    return removed.length === 0 ? [] : [{ proposed: { path, before: read.text, after: text }, removed }]
  })
  return files.flat()
}

/** Removes only what is a list item of its own on one line: a sentence inside a paragraph is left to its author. */
function withoutItems(text: string, places: readonly LeavingPlace[]): Pick<Shortened, 'removed'> & { readonly text: string } {
  const lines = text.split('\n')
  const removed = places.filter((place) => isWholeItem(lines, place))
  const gone = new Set(removed.map(({ line }) => line - 1))
  return { text: lines.filter((_, index) => !gone.has(index)).join('\n'), removed }
}

function isWholeItem(lines: readonly string[], { line, draft }: LeavingPlace): boolean {
  const item = /^\s*(?:[-*+]|\d+[.)])\s+(.*?)\s*$/.exec(lines[line - 1] ?? '')
  if (item === null) return false
  const next = lines[line] ?? ''
  const continues = /^\s+\S/.test(next) && !/^\s*(?:[-*+]|\d+[.)])\s/.test(next)
  return !continues && words(item[1] ?? '') === words(draft.provenance.quote)
}

function words(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N}]+/gu, ' ').trim()
}
