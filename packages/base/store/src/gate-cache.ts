import { GateResult } from '@coxswain/model'
import { writeUnderClaim } from './claim.ts'
import { cleanJson, cleanText } from './database/clean-text.ts'
import type { Scope } from './scope.ts'

export interface GateKey {
  /** Hash of the gate's definition: a changed command is another gate. */
  readonly gate: string
  /** Id of the tree that was judged. */
  readonly tree: string
}

export interface GateCache {
  get(key: GateKey): Promise<GateResult | null>
  /** The latest result counts. */
  put(key: GateKey, result: GateResult): Promise<void>
}

export function createGateCache(scope: Scope): GateCache {
  const { database, repository, clock } = scope
  return {
    get: async ({ gate, tree }) => {
      const row = await database.read((queries) =>
        queries
          .selectFrom('gate_cache')
          .select('result')
          .where('repository', '=', repository)
          .where('gate', '=', gate)
          .where('tree', '=', tree)
          .executeTakeFirst(),
      )
      return row ? GateResult.parse(row.result) : null
    },
    put: async ({ gate, tree }, result) => {
      const value = { result: cleanJson(result), at: clock.now() }
      const row = { repository, gate: cleanText(gate), tree: cleanText(tree), ...value }
      await writeUnderClaim(scope, (queries) =>
        queries
          .insertInto('gate_cache')
          .values(row)
          .onConflict((conflict) => conflict.columns(['repository', 'gate', 'tree']).doUpdateSet(value))
          .execute(),
      )
    },
  }
}
