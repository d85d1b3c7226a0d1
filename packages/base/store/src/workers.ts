import type { Duration } from '@coxswain/kernel'
import { sql } from 'kysely'
import type { Scope } from './scope.ts'

export interface Workers {
  /** Says that this worker lives. */
  heartbeat(at: { readonly host: string; readonly pid: number }): Promise<void>
  list(): Promise<readonly { readonly id: string; readonly host: string; readonly pid: number }[]>
  /** Workers that have said nothing for so long, by the database's clock. */
  dead(silentFor: Duration): Promise<readonly string[]>
  remove(id: string): Promise<void>
}

export function createWorkers({ database, repository, workerId }: Scope): Workers {
  return {
    heartbeat: async ({ host, pid }) => {
      const beat = { host, pid, beat_at: sql<Date>`now()` }
      await database.single((queries) =>
        queries
          .insertInto('workers')
          .values({ repository, id: workerId, ...beat })
          .onConflict((conflict) => conflict.columns(['repository', 'id']).doUpdateSet(beat))
          .execute(),
      )
    },
    list: () =>
      database.read((queries) =>
        queries.selectFrom('workers').select(['id', 'host', 'pid']).where('repository', '=', repository).orderBy('id').execute(),
      ),
    dead: async (silentFor) => {
      const rows = await database.read((queries) =>
        queries
          .selectFrom('workers')
          .select('id')
          .where('repository', '=', repository)
          .where('beat_at', '<', sql<Date>`now() - make_interval(secs => ${silentFor / 1_000})`)
          .orderBy('id')
          .execute(),
      )
      return rows.map((row) => row.id)
    },
    remove: async (id) => {
      await database.single((queries) =>
        queries.deleteFrom('workers').where('repository', '=', repository).where('id', '=', id).execute(),
      )
    },
  }
}
