import { CoxError } from '@coxswain/kernel'
import type { RunId } from '@coxswain/model'
import type { Queries } from './database/database.ts'
import { numberOf, type Scope } from './scope.ts'

/** A worker's hold of a run. The token grows each time that a run is claimed or taken over: an older one counts for nothing. */
export interface Claim {
  readonly run: RunId
  readonly token: number
}

/** First in a transaction: from here to its end nobody takes the run over. @throws CoxError CLAIM_LOST */
export async function requireClaim(queries: Queries, { repository, workerId, claim }: Scope): Promise<void> {
  if (claim === null) return
  const held = await queries
    .selectFrom('runs')
    .select('token')
    .where('repository', '=', repository)
    .where('number', '=', numberOf(claim.run))
    .where('worker', '=', workerId)
    .where('token', '=', claim.token)
    .forShare()
    .executeTakeFirst()
  if (held === undefined) throw claimLost(claim)
}

/** A write of one statement; under a claim it counts only while that holds. @throws CoxError CLAIM_LOST */
export function writeUnderClaim<T>(scope: Scope, operation: (queries: Queries) => Promise<T>): Promise<T> {
  if (scope.claim === null) return scope.database.single(operation)
  return scope.database.write(async (queries) => {
    await requireClaim(queries, scope)
    return operation(queries)
  })
}

export function claimLost({ run, token }: Claim): CoxError {
  return new CoxError('CLAIM_LOST', `This worker no longer holds ${run}`, {
    hint: 'Leave the run alone: another worker goes on with it.',
    data: { run, token },
  })
}
