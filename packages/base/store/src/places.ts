import { sql } from 'kysely'
import { z } from 'zod'
import { cleanJson } from './database/clean-text.ts'
import type { Scope } from './scope.ts'

/** Where a repository is, and where its history begins: clones have that in common. */
const RepositoryPlace = z.object({ host: z.string(), gitDir: z.string(), roots: z.array(z.string()) })
export type RepositoryPlace = z.infer<typeof RepositoryPlace>

export interface Places {
  /** Says where this repository is. */
  announce(place: RepositoryPlace): Promise<void>
  /** Other repositories of this database whose history begins with one of these commits, the one with the most runs first. */
  kin(roots: readonly string[]): Promise<readonly RepositoryPlace[]>
}

export function createPlaces({ database, repository }: Scope): Places {
  return {
    announce: async (place) => {
      await database.single((queries) =>
        queries
          .updateTable('repositories')
          .set({ place: cleanJson(place) })
          .where('id', '=', repository)
          .execute(),
      )
    },
    kin: async (roots) => {
      const rows = await database.read((queries) =>
        queries
          .selectFrom('repositories')
          .select('place')
          .where('id', '!=', repository)
          .where(sql<boolean>`place -> 'roots' ?| ${[...roots]}::text[]`)
          .orderBy('last_run', 'desc')
          .limit(20)
          .execute(),
      )
      return rows.flatMap(({ place }) => RepositoryPlace.safeParse(place).data ?? [])
    },
  }
}
