import type { RunId, TokenTotals } from '@coxswain/model'
import { sql } from 'kysely'
import { z } from 'zod'
import { writeUnderClaim } from './claim.ts'
import { cleanText } from './database/clean-text.ts'
import { numberOf, type Scope } from './scope.ts'

export interface TurnUsage {
  readonly run: RunId
  /** Of the turn within its run: given again, the figures replace the earlier ones. */
  readonly key: string
  readonly model: string | null
  readonly tokens: TokenTotals
  /** Null when the price is not known. */
  readonly costUsd: number | null
  readonly wallMs: number
}

export interface UsageSum {
  readonly turns: number
  readonly tokens: TokenTotals
  /** Of the turns whose price is known; null when there are turns and none has a price. */
  readonly costUsd: number | null
  readonly unpricedTurns: number
  readonly wallMs: number
}

export interface Turns {
  record(usage: TurnUsage): Promise<void>
  sumOfRun(run: RunId): Promise<UsageSum>
  /** Of all runs, for turns first recorded from an instant on and before another. */
  sumBetween(from: number, until: number): Promise<UsageSum>
}

export function createTurns(scope: Scope): Turns {
  return {
    record: (usage) => recordTurn(scope, usage),
    sumOfRun: (run) => sum(scope, sql`run = ${numberOf(run)}`),
    sumBetween: (from, until) => sum(scope, sql`at >= ${from} and at < ${until}`),
  }
}

async function recordTurn(scope: Scope, usage: TurnUsage): Promise<void> {
  const { repository, clock } = scope
  const figures = {
    model: usage.model && cleanText(usage.model),
    input: usage.tokens.input,
    cached_input: usage.tokens.cachedInput,
    cache_write: usage.tokens.cacheWrite,
    output: usage.tokens.output,
    reasoning: usage.tokens.reasoning,
    cost_usd: usage.costUsd,
    wall_ms: usage.wallMs,
  }
  const row = { repository, run: numberOf(usage.run), key: cleanText(usage.key), at: clock.now(), ...figures }
  await writeUnderClaim(scope, (queries) =>
    queries
      .insertInto('turns')
      .values(row)
      .onConflict((conflict) => conflict.columns(['repository', 'run', 'key']).doUpdateSet(figures))
      .execute(),
  )
}

const Sum = z.object({
  turns: z.number(),
  unpriced: z.number(),
  input: z.number(),
  cached_input: z.number(),
  cache_write: z.number(),
  output: z.number(),
  reasoning: z.number(),
  cost_usd: z.number(),
  wall_ms: z.number(),
})

async function sum({ database, repository }: Scope, condition: ReturnType<typeof sql>): Promise<UsageSum> {
  const { rows } = await database.read((queries) =>
    sql`
      select count(*) as turns, count(*) filter (where cost_usd is null) as unpriced,
        coalesce(sum(input), 0)::bigint as input, coalesce(sum(cached_input), 0)::bigint as cached_input,
        coalesce(sum(cache_write), 0)::bigint as cache_write, coalesce(sum(output), 0)::bigint as output,
        coalesce(sum(reasoning), 0)::bigint as reasoning, coalesce(sum(cost_usd), 0) as cost_usd, coalesce(sum(wall_ms), 0) as wall_ms
      from coxswain.turns where repository = ${repository} and ${condition}`.execute(queries),
  )
  const row = Sum.parse(rows[0])
  return {
    turns: row.turns,
    tokens: {
      input: row.input,
      cachedInput: row.cached_input,
      cacheWrite: row.cache_write,
      output: row.output,
      reasoning: row.reasoning,
    },
    costUsd: row.turns > 0 && row.unpriced === row.turns ? null : row.cost_usd,
    unpricedTurns: row.unpriced,
    wallMs: row.wall_ms,
  }
}
