import type { Duration } from '@coxswain/kernel'
import { sql } from 'kysely'
import { z } from 'zod'
import { cleanJson } from './database/clean-text.ts'
import type { Scope } from './scope.ts'

/** The machine, and the git folder by what tells it apart there. */
const WorkerPlace = z.object({ machine: z.string(), path: z.string(), device: z.string(), inode: z.string() })
export type WorkerPlace = z.infer<typeof WorkerPlace>

export interface Worker {
  readonly id: string
  readonly host: string
  readonly pid: number
  /** Null of a worker of an earlier version. */
  readonly place: WorkerPlace | null
}

export interface Workers {
  /** Says that this worker lives. */
  heartbeat(at: { readonly host: string; readonly pid: number; readonly place?: WorkerPlace }): Promise<void>
  list(): Promise<readonly Worker[]>
  /** Workers that have said nothing for so long, by the database's clock. */
  dead(silentFor: Duration): Promise<readonly string[]>
  remove(id: string): Promise<void>
}

export function createWorkers({ database, repository, workerId }: Scope): Workers {
  return {
    heartbeat: async ({ host, pid, place }) => {
      const beat = { host, pid, place: place === undefined ? null : cleanJson(place), beat_at: sql<Date>`now()` }
      await database.single((queries) =>
        queries
          .insertInto('workers')
          .values({ repository, id: workerId, ...beat })
          .onConflict((conflict) => conflict.columns(['repository', 'id']).doUpdateSet(beat))
          .execute(),
      )
    },
    list: async () => {
      const rows = await database.read((queries) =>
        queries
          .selectFrom('workers')
          .select(['id', 'host', 'pid', 'place'])
          .where('repository', '=', repository)
          .orderBy('id')
          .execute(),
      )
      return rows.map((row) => ({ ...row, place: WorkerPlace.safeParse(row.place).data ?? null }))
    },
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
