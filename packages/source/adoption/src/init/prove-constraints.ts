import { enforceConstraints, parseConstraint, testConstraints, type Constraint } from '@coxswain/constraints'
import type { DraftParts } from '../import/draft-text.ts'
import { draftText } from '../import/draft-text.ts'

/** What was run for a proposed constraint. */
export interface Proof {
  readonly file: string
  readonly text: string
  readonly check: string
  /** Ran: it fires on this. */
  readonly bad: string
  /** Ran: it is silent on this. */
  readonly good: string
  readonly breaches: number
  /** `file:line` of the first one in the repository. */
  readonly firstBreach: string | null
}

export interface Proposal {
  readonly parts: DraftParts & Required<Pick<DraftParts, 'examples'>>
  readonly isSoft: boolean
}

export type Proved = { readonly kind: 'proved'; readonly proof: Proof } | { readonly kind: 'failed'; readonly why: string }

export interface ProveOptions {
  readonly root: string
  readonly files: readonly string[]
  readonly signal?: AbortSignal
}

/**
 * Runs each proposed check on its own examples and on the repository. It fails from the start only where nothing breaks it today and its
 * sentence says "never"; otherwise it warns until a person has seen what it finds.
 */
export async function proveConstraints(proposals: readonly Proposal[], options: ProveOptions): Promise<Proved[]> {
  const read = proposals.map(({ parts }) => ({ parts, constraint: parsed(parts) }))
  const { root, files, signal } = options
  const constraints = read.flatMap(({ constraint }) => (constraint === null ? [] : [constraint]))
  const rest = signal === undefined ? {} : { signal }
  const tests = await testConstraints(constraints, { root, ...rest })
  const breaches = await enforceConstraints({ root, constraints, files, today: anyDay, ...rest })
  return proposals.map((proposal, index): Proved => {
    const constraint = read[index]?.constraint ?? null
    if (constraint === null) return { kind: 'failed', why: 'the constraint that it would become cannot be read' }
    const own = tests.filter(({ id }) => id === constraint.id)
    const failed = own.find(({ verdict }) => verdict !== 'passed')
    if (failed !== undefined || own.length === 0)
      return { kind: 'failed', why: `its check failed on its own examples: ${failed?.verdict ?? 'none ran'}` }
    const found = breaches.filter(({ id }) => id === constraint.id)
    if (found.some(({ isBroken }) => isBroken)) return { kind: 'failed', why: 'its check cannot run here' }
    return { kind: 'proved', proof: proofOf(proposal, found) }
  })
}

/** There are no exemptions that could expire. */
const anyDay = '2000-01-01'

function parsed(parts: DraftParts): Constraint | null {
  const source = { file: fileOf(parts), text: draftText({ ...parts, severity: 'error' }) }
  const { constraint, problems } = parseConstraint(source)
  return problems.some(({ severity }) => severity === 'error') ? null : constraint
}

function proofOf({ parts, isSoft }: Proposal, found: readonly { readonly file: string; readonly line: number }[]): Proof {
  const [first] = found
  const severity = isSoft || found.length > 0 ? 'warning' : 'error'
  return {
    file: fileOf(parts),
    text: draftText({ ...parts, severity }),
    check: `an ast-grep rule for ${parts.examples.endings.join(' and ')}`,
    bad: parts.examples.bad,
    good: parts.examples.good,
    breaches: found.length,
    firstBreach: first === undefined ? null : `${first.file}:${first.line}`,
  }
}

function fileOf({ id }: DraftParts): string {
  return `harness/constraints/${id}.md`
}
