import { checksOf, rungKind, severities, type Constraint } from './constraint.ts'
import { describeCheck } from './explain-constraint.ts'
import { scopeTest } from './scope.ts'

export interface Weakening {
  /** Of a constraint; for a setting, its file. */
  readonly id: string
  readonly kind:
    | 'setting-weakened'
    | 'removed'
    | 'severity-lowered'
    | 'rung-removed'
    | 'check-changed'
    | 'scope-narrowed'
    | 'exemption-added'
    | 'override-added'
  /** What changed and by how much. */
  readonly detail: string
}

/** Which constraints a change weakens, and by how much. `files` are the tree's files, so that scopes compare by what they reach. */
export function weakenedConstraints(
  before: readonly Constraint[],
  after: readonly Constraint[],
  files: readonly string[],
): Weakening[] {
  const next = new Map(after.map((constraint) => [constraint.id, constraint]))
  return before.flatMap((old) => {
    const now = next.get(old.id)
    if (now === undefined) return [{ id: old.id, kind: 'removed' as const, detail: `was ${old.severity}: ${old.title}` }]
    return [...severityWeakening(old, now), ...rungWeakening(old, now), ...reachWeakening(old, now, files), ...grants(old, now)]
  })
}

function severityWeakening(old: Constraint, now: Constraint): Weakening[] {
  const isLower = severities.indexOf(now.severity) > severities.indexOf(old.severity)
  return isLower ? [{ id: old.id, kind: 'severity-lowered', detail: `${old.severity} → ${now.severity}` }] : []
}

function rungWeakening(old: Constraint, now: Constraint): Weakening[] {
  const kinds = new Set(now.rungs.map(rungKind))
  const gone = [...new Set(old.rungs.map(rungKind))].filter((kind) => !kinds.has(kind))
  const kept = checksOf(now).map((check) => JSON.stringify(check))
  const lost = gone.includes('check') ? [] : checksOf(old).filter((check) => !kept.includes(JSON.stringify(check)))
  return [
    ...gone.map((kind) => ({ id: old.id, kind: 'rung-removed' as const, detail: kind })),
    ...lost.map((check) => ({
      id: old.id,
      kind: 'check-changed' as const,
      detail: `${describeCheck(check)} → ${checksOf(now).map(describeCheck).join(', ')}`,
    })),
  ]
}

function reachWeakening(old: Constraint, now: Constraint, files: readonly string[]): Weakening[] {
  const stillReached = scopeTest(now)
  const reachedBefore = files.filter(scopeTest(old))
  const lost = reachedBefore.filter((path) => !stillReached(path))
  if (lost.length === 0) return []
  return [
    {
      id: old.id,
      kind: 'scope-narrowed',
      detail: `${lost.length} of ${reachedBefore.length} files no longer reached, such as ${lost[0] ?? ''}`,
    },
  ]
}

function grants(old: Constraint, now: Constraint): Weakening[] {
  const known = new Set(old.exemptions.map((exemption) => `${exemption.path}\n${exemption.expires}`))
  const added = now.exemptions.filter((exemption) => !known.has(`${exemption.path}\n${exemption.expires}`))
  const overriding = now.overrides.filter((id) => !old.overrides.includes(id))
  return [
    ...added.map((one) => ({
      id: old.id,
      kind: 'exemption-added' as const,
      detail: `${one.path} until ${one.expires} by ${one.owner}: ${one.reason}`,
    })),
    ...overriding.map((id) => ({ id, kind: 'override-added' as const, detail: `${old.id} now overrides it` })),
  ]
}
