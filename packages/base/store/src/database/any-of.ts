import { sql, type RawBuilder } from 'kysely'

/** To compare with one of a list, which may be empty: `in ()` is no SQL. */
export function anyOf<T>(values: readonly T[]): RawBuilder<T> {
  return sql<T>`any(${values})`
}
