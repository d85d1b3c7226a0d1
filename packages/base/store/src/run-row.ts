import { Run } from '@coxswain/model'
import type { Selectable, Updateable } from 'kysely'
import { cleanJson, cleanText } from './database/clean-text.ts'
import type { Tables } from './database/tables.ts'
import { runId, taskId } from './scope.ts'

/** Fields of a run that its machine sets, each to a new absolute value. */
export type RunPatch = Partial<Omit<Run, 'id' | 'task' | 'state' | 'target' | 'createdAt' | 'updatedAt'>>

export function toRun(row: Selectable<Tables['runs']>): Run {
  return Run.parse({
    ...row,
    target: row.target ?? null, // what was recorded by an older version has none
    id: runId(row.number),
    task: taskId(row.task),
    gateFailures: row.gate_failures,
    costUsd: row.cost_usd,
    mayLand: row.may_land,
    activeMs: row.active_ms,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  })
}

/** Only the given fields: null is a value here. */
export function toPatchRow(patch: RunPatch): Updateable<Tables['runs']> {
  return {
    ...(patch.agent !== undefined && { agent: cleanText(patch.agent) }),
    ...(patch.model !== undefined && { model: patch.model && cleanText(patch.model) }),
    ...(patch.outcome !== undefined && { outcome: patch.outcome }),
    ...(patch.reason !== undefined && { reason: patch.reason && cleanText(patch.reason) }),
    ...(patch.branch !== undefined && { branch: cleanText(patch.branch) }),
    ...(patch.base !== undefined && { base: patch.base }),
    ...(patch.head !== undefined && { head: patch.head }),
    ...(patch.landed !== undefined && { landed: patch.landed }),
    ...(patch.turns !== undefined && { turns: patch.turns }),
    ...(patch.gateFailures !== undefined && { gate_failures: patch.gateFailures }),
    ...(patch.tokens !== undefined && { tokens: cleanJson(patch.tokens) }),
    ...(patch.costUsd !== undefined && { cost_usd: patch.costUsd }),
    ...(patch.budget !== undefined && { budget: cleanJson(patch.budget) }),
    ...(patch.mayLand !== undefined && { may_land: patch.mayLand }),
    ...(patch.activeMs !== undefined && { active_ms: patch.activeMs }),
  }
}
