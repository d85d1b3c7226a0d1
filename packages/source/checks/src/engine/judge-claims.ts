import type { Workspace } from '@coxswain/graph'
import { declaredNames, findBlindSpot, type UnusedClaim } from '@coxswain/rules'
import type { RuleFinding } from './evaluator.ts'
import { findWords, type Mention } from './find-words.ts'

/** A claim that was not made into a finding, and why. */
export interface OpenClaim {
  readonly rule: string
  readonly file: string
  readonly claim: UnusedClaim
  readonly why:
    | { readonly kind: 'question'; readonly mention: Mention }
    | { readonly kind: 'unjudged'; readonly place: string; readonly reason: string }
}

export interface Judged {
  readonly found: readonly RuleFinding[]
  readonly open: readonly OpenClaim[]
  /** Texts too large to be searched. */
  readonly unread: readonly string[]
}

/** Nothing is called unused that some text names, or in a package whose ways in are not all seen. */
export function judgeClaims(all: readonly RuleFinding[], workspace: Workspace): Judged {
  if (!all.some(({ raw }) => raw.claim !== undefined)) return { found: all, open: [], unread: [] }
  const reasonOf = createReasons(workspace)
  const open: OpenClaim[] = []
  const rest: RuleFinding[] = []
  const found = all.filter((finding) => {
    const { raw, active } = finding
    if (raw.claim === undefined) return true
    const node = workspace.packageOf(raw.file)
    const reason = reasonOf(raw.file)
    if (reason === null) rest.push(finding)
    else
      open.push({
        rule: active.rule.id,
        file: raw.file,
        claim: raw.claim,
        why: { kind: 'unjudged', place: node?.name ?? (node?.dir || raw.file), reason },
      })
    return false
  })
  const { mentions, unread } = findWords(
    rest.map(({ raw }) => raw),
    workspace,
  )
  const proved = new Set<RuleFinding>()
  for (const finding of rest) {
    const { raw, active } = finding
    const mention = mentions.get(raw)
    if (raw.claim === undefined) continue
    if (mention === undefined) proved.add(finding)
    else open.push({ rule: active.rule.id, file: raw.file, claim: raw.claim, why: { kind: 'question', mention } })
  }
  const kept = new Set(found)
  return { found: all.filter((finding) => kept.has(finding) || proved.has(finding)), open, unread }
}

function createReasons(workspace: Workspace): (file: string) => string | null {
  const isDeclared = declaredNames(workspace)
  const known = new Map<string, string | null>()
  return (file) => {
    const node = workspace.packageOf(file)
    if (node === null) return null
    const memo = known.get(node.dir)
    if (memo !== undefined) return memo
    const reason = findBlindSpot(node, workspace, isDeclared)
    known.set(node.dir, reason)
    return reason
  }
}

const mostShown = 4

/** What was asked and not told, and what could not be judged: a line each, so that silence is not taken for more than it is. */
export function noteOpenClaims({ open, unread }: Omit<Judged, 'found'>): string[] {
  const questions = open.flatMap(({ file, claim, why }) =>
    why.kind === 'question'
      ? [`is ${claim.subject} (${file}) used at ${why.mention.file}:${why.mention.line}, which names it?`]
      : [],
  )
  const unjudged = Map.groupBy(
    open.flatMap(({ claim, why }) => (why.kind === 'unjudged' ? [{ claim, ...why }] : [])),
    ({ place, reason }) => `of ${place}, because ${reason}`,
  )
  const reasons = [...unjudged].map(([why, claims]) => `${countKinds(claims.map(({ claim }) => claim))} ${why}`)
  return [
    ...(questions.length > 0 ? [`not told, but asked: ${shorten(questions, ' ')}`] : []),
    ...(reasons.length > 0 ? [`not judged whether in use: ${shorten(reasons, '; ')}`] : []),
    ...(unread.length > 0 ? [`too large to be searched for names: ${shorten(unread, ', ')}`] : []),
  ]
}

function countKinds(claims: readonly UnusedClaim[]): string {
  return [...Map.groupBy(claims, ({ kind }) => kind)]
    .map(([kind, same]) => `${same.length} ${same.length === 1 ? kind : kind === 'dependency' ? 'dependencies' : `${kind}s`}`)
    .join(', ')
}

function shorten(list: readonly string[], between: string): string {
  const shown = list.slice(0, mostShown).join(between)
  return list.length > mostShown ? `${shown}${between}and ${list.length - mostShown} more` : shown
}
