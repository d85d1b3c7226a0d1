import { z } from 'zod'
import { requireClaim } from './claim.ts'
import { cleanJson, cleanText } from './database/clean-text.ts'
import type { Queries } from './database/database.ts'
import type { Scope } from './scope.ts'

export interface Effect<T> {
  /** Says which effect it is, for ever: `r12/land`. */
  readonly key: string
  readonly schema: z.ZodType<T>
  readonly perform: () => Promise<T>
}

export interface Effects {
  /** The recorded result of this key, else performs and records it. When two perform at once, the first record wins and both get it. */
  once<T>(effect: Effect<T>): Promise<T>
}

export function createEffects(scope: Scope): Effects {
  return { once: (effect) => once(scope, effect) }
}

async function once<T>(scope: Scope, { key, schema, perform }: Effect<T>): Promise<T> {
  const name = `effect/${key}`
  const before = await scope.database.read((queries) => findEffect(queries, scope, name))
  if (before) return schema.parse(before.result)
  const result = await perform()
  const winner = await scope.database.write(async (queries) => {
    await requireClaim(queries, scope)
    return recordEffect(queries, scope, { key: name, result })
  })
  return schema.parse(winner)
}

/** Boxed, because a result may be undefined, which is no JSON. */
const Box = z.object({ value: z.unknown().optional() })

export async function findEffect(
  queries: Queries,
  { repository }: Scope,
  key: string,
): Promise<{ readonly result: unknown } | null> {
  const row = await queries
    .selectFrom('effects')
    .select('result')
    .where('repository', '=', repository)
    .where('key', '=', cleanText(key))
    .executeTakeFirst()
  return row ? { result: Box.parse(row.result).value } : null
}

/** The result that counts: this one, or the one that was there first. */
async function recordEffect(queries: Queries, scope: Scope, { key, result }: { key: string; result: unknown }): Promise<unknown> {
  const row = { repository: scope.repository, key: cleanText(key), result: cleanJson({ value: result }), at: scope.clock.now() }
  await queries
    .insertInto('effects')
    .values(row)
    .onConflict((conflict) => conflict.columns(['repository', 'key']).doNothing())
    .execute()
  return (await findEffect(queries, scope, key))?.result
}
