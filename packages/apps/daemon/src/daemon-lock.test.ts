import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createEngine } from '@coxswain/engine'
import { identify, systemClock } from '@coxswain/host'
import { silentLogger, sleep } from '@coxswain/kernel'
import { openTestStore, startTestPostgres, type TestPostgres } from '@coxswain/store/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { holdDaemonLock } from './daemon-lock.ts'
import { launchEngine } from './launch-engine.ts'

/* What happens to a daemon whose database goes away in the middle of its start: the one before it stops the server that both have found. */

let postgres: TestPostgres
let folder: string
beforeEach(async () => {
  postgres = await startTestPostgres()
  folder = await mkdtemp(join(tmpdir(), 'cox-lock-'))
})
afterEach(async () => {
  await postgres[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

test('the engine is launched though its database is stopped meanwhile', async () => {
  const repository = randomUUID()
  const store = await openTestStore(postgres.url, { repository, revive: () => postgres.restart() })
  const options = { repository, worker: 'w1', version: 'v1', clock: systemClock, logger: silentLogger }
  const engine = await createEngine({ url: postgres.url, ...options })
  postgres.kill()
  await launchEngine(engine, store)
  expect(await store.workers.list()).toEqual([])
  await engine.shutdown()
  await store.close()
})

test('a lock that went with the database is taken anew, unless somebody else has it by now', async () => {
  const repository = randomUUID()
  const open = () => openTestStore(postgres.url, { repository, revive: () => postgres.restart() })
  const [first, second] = [await open(), await open()]
  const place = { address: join(folder, 'daemon.json') }
  const lock = await holdDaemonLock(first, place)
  const served = { url: 'http://127.0.0.1:1', token: 't', version: '1', isEphemeral: false }
  await writeFile(place.address, JSON.stringify({ ...identify(process.pid), ...served }))
  await expect(holdDaemonLock(second, place)).rejects.toMatchObject({ code: 'DAEMON_RUNNING' })
  postgres.kill()
  await postgres.restart()
  await lock.ensure()
  await expect(holdDaemonLock(second, place)).rejects.toMatchObject({ code: 'DAEMON_RUNNING' })

  postgres.kill()
  await postgres.restart()
  const other = await holdDaemonLock(second, place)
  await expect(lock.ensure()).rejects.toMatchObject({ code: 'DAEMON_RUNNING' })
  await other.release()
  await lock.ensure()
  await lock.release()
  for (const store of [first, second]) await store.close()
})

test('RUN-22 one that holds the lock and serves nothing is waited for: it is starting, or ending', async () => {
  const repository = randomUUID()
  const open = () => openTestStore(postgres.url, { repository })
  const [first, second] = [await open(), await open()]
  const place = { address: join(folder, 'daemon.json') }
  const lock = await holdDaemonLock(first, place)
  const next = holdDaemonLock(second, place)
  // As long as one may need that has agents to end.
  await Promise.race([next, sleep(5_000)])
  await lock.release()
  await expect(next).resolves.toMatchObject({ ensure: expect.any(Function) })
  await (await next).release()
  for (const store of [first, second]) await store.close()
})
