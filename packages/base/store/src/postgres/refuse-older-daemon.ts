import { CoxError, sleep } from '@coxswain/kernel'
import { connectAsOwner, type Server } from './settle-roles.ts'

const patienceMs = 5_000

/**
 * A daemon of a version that knew no passwords would take a closed server for a broken one, and end it again and again. One that is just
 * ending is waited for. @throws CoxError DATABASE_OLDER_DAEMON
 */
export async function refuseOlderDaemon(server: Server, signal: AbortSignal): Promise<void> {
  const client = await connectAsOwner(server)
  try {
    for (let waited = 0; ; waited += 100) {
      const { rowCount } = await client.query(
        `select from pg_catalog.pg_stat_activity
         where usename = current_user and application_name in ('coxswain', 'coxswain-engine') and pid <> pg_catalog.pg_backend_pid()`,
      )
      if (rowCount === 0) return
      if (waited >= patienceMs) throw olderDaemon()
      await sleep(100, signal)
    }
  } finally {
    await client.end()
  }
}

function olderDaemon(): CoxError {
  return new CoxError('DATABASE_OLDER_DAEMON', 'A daemon or worker of an earlier version of Coxswain works with this database', {
    hint: 'End it with the version that started it (`cox down`, Ctrl-C of a worker); then run the same command again.',
  })
}
