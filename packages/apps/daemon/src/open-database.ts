import type { StateFolder } from '@coxswain/host'
import { startEmbeddedPostgres } from '@coxswain/store'
import type { DaemonOptions } from './start-daemon.ts'

export interface DatabaseHandle {
  readonly url: string
  readonly revive: (() => Promise<void>) | null
  /** Set by whoever turns out not to be the owner: somebody else's database is not stopped. */
  leave: boolean
}

export async function openDatabase(
  folder: StateFolder,
  environment: Readonly<Record<string, string>>,
  role: DaemonOptions['role'],
  cleanup: AsyncDisposableStack,
): Promise<DatabaseHandle> {
  const own = environment['COXSWAIN_DATABASE_URL']
  if (own !== undefined && own !== '') return { url: own, revive: null, leave: true }
  const start = () => startEmbeddedPostgres({ dataDir: folder.postgres, signal: AbortSignal.timeout(180_000) })
  const postgres = await start()
  const handle: DatabaseHandle = { url: postgres.url, revive: async () => void (await start()), leave: role === 'worker' }
  cleanup.defer(async () => {
    if (!handle.leave) await postgres.stop()
  })
  return handle
}
