import { mkdtemp, rm } from 'node:fs/promises'
import { createConnection, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { milliseconds, seconds, sleep } from '@coxswain/kernel'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newTask, openTestStore, startTestPostgres, type TestPostgres } from '../testing.ts'

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await startTestPostgres()
})
afterAll(() => postgres[Symbol.asyncDispose]())

interface Way extends AsyncDisposable {
  readonly url: string
  /** What is connected now never answers again, and nobody is told; `andLater`: nor does who connects from now on. */
  silence(andLater: boolean): void
  /** The same once a statement with these words has come through. */
  silenceAfter(words: string): void
}

/** A way to the server that takes everything and gives nothing back. */
async function openWay(): Promise<Way> {
  const dir = await mkdtemp(join(tmpdir(), 'cox-way-'))
  const target = new URL(postgres.url)
  const real = join(target.searchParams.get('host') ?? '', `.s.PGSQL.${target.searchParams.get('port') ?? '5432'}`)
  const pairs: (readonly [Socket, Socket])[] = []
  let isSilent = false
  let last: string | null = null
  const silence = (): void => {
    for (const [near, far] of pairs) {
      near.removeAllListeners('data').removeAllListeners('close').resume()
      far.removeAllListeners('data').removeAllListeners('close').resume()
    }
  }
  const server = createServer((near) => {
    near.on('error', () => {})
    if (isSilent) return void near.resume()
    const far = createConnection(real).on('error', () => {})
    pairs.push([near, far])
    near.on('close', () => far.destroy())
    near.on('data', (data) => {
      far.write(data)
      if (last !== null && data.includes(last)) silence()
    })
    far.on('data', (data) => near.write(data)).on('close', () => near.destroy())
  })
  await new Promise<void>((resolve) => server.listen(join(dir, '.s.PGSQL.5432'), resolve))
  const own = new URL(postgres.url)
  own.searchParams.set('host', dir)
  own.searchParams.set('port', '5432')
  return {
    url: own.href,
    silence: (andLater) => {
      isSilent = andLater
      silence()
    },
    silenceAfter: (words) => {
      last = words
    },
    [Symbol.asyncDispose]: async () => {
      for (const ends of pairs) for (const end of ends) end.destroy()
      server.close()
      await rm(dir, { recursive: true })
    },
  }
}

/** Whether the server has such a session. */
async function sessionsIn(state: string): Promise<boolean> {
  const client = new Client({ connectionString: postgres.ownerUrl })
  await client.connect()
  const { rows } = await client.query('select 1 from pg_stat_activity where state = $1', [state]).finally(() => client.end())
  return rows.length > 0
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await isSo()); tries += 1) {
    if (tries > 1_000) throw new Error('waited in vain')
    await sleep(milliseconds(10))
  }
}

test('STO-20 a connection that never answers is given up: what was asked is asked again, and takes effect once', async () => {
  await using way = await openWay()
  const store = await openTestStore(way.url, { answerWithin: milliseconds(400) })
  await store.tasks.add(newTask(), 'first')
  way.silence(false)
  const [second, again] = [await store.tasks.add(newTask(), 'second'), await store.tasks.add(newTask(), 'second')]
  expect([second.id, again.id, (await store.tasks.list()).length]).toEqual(['t2', 't2', 2])
  await store.close()
})

test('STO-20 a lock that is asked for of one that never answers is not waited for', async () => {
  await using way = await openWay()
  const store = await openTestStore(way.url, { answerWithin: milliseconds(400) })
  way.silenceAfter('pg_try_advisory_lock')
  await expect(store.locks.tryLock('one')).rejects.toMatchObject({ code: 'ECONNRESET' })
  await store.close()
})

test('STO-45 what is cut off in the middle of a transaction keeps nothing from the others', async () => {
  await using way = await openWay()
  const [cut, other] = [
    await openTestStore(way.url, { repository: 'shared', answerWithin: seconds(2) }),
    await openTestStore(postgres.url, { repository: 'shared' }),
  ]
  await cut.tasks.list()
  way.silenceAfter('update "coxswain"."repositories"')
  const late = cut.tasks.add(newTask(), 'of the one that is cut off')
  late.catch(() => {})
  await until(() => sessionsIn('idle in transaction'))
  expect((await other.tasks.add(newTask(), 'of the other')).id).toBe('t1')
  await cut.close()
  await other.close()
})

test('STO-20 where nobody answers any more, the operation ends and says so', async () => {
  await using way = await openWay()
  const store = await openTestStore(way.url, { answerWithin: milliseconds(400), patience: seconds(1) })
  await store.tasks.add(newTask(), 'first')
  way.silence(true)
  await expect(store.tasks.list()).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' })
  await store.close()
})
