import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sleep } from '@coxswain/kernel'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Store } from './open-store.ts'
import { openTestStore, startTestPostgres, type TestPostgres } from './testing.ts'

let postgres: TestPostgres
let store: Store
let other: Store
beforeAll(async () => {
  postgres = await startTestPostgres()
})
afterAll(() => postgres[Symbol.asyncDispose]())
beforeEach(async () => {
  const revive = () => postgres.restart()
  store = await openTestStore(postgres.url, { revive })
  other = await openTestStore(postgres.url, { repository: store.repository, revive })
  return async () => {
    await store.close()
    await other.close()
  }
})

const never = new AbortController().signal

test('a lock has one holder, per name and repository', async () => {
  const elsewhere = await openTestStore(postgres.url)
  const lock = await store.locks.tryLock('daemon')
  expect([await other.locks.tryLock('daemon'), await store.locks.tryLock('daemon')]).toEqual([null, null])
  for (const free of [await other.locks.tryLock('lane'), await elsewhere.locks.tryLock('daemon')]) {
    expect(free?.signal.aborted).toBe(false)
    await free?.release()
  }
  await lock?.release()
  await using again = await other.locks.tryLock('daemon')
  expect(again?.signal.aborted).toBe(false)
  await elsewhere.close()
})

test('bodies under one lock never overlap', async () => {
  let [inside, most] = [0, 0]
  const body = async (): Promise<void> => {
    inside += 1
    most = Math.max(most, inside)
    await sleep(5)
    inside -= 1
  }
  await Promise.all(Array.from({ length: 8 }, (_, index) => (index % 2 ? store : other).locks.withLock('lane', body, never)))
  expect(most).toBe(1)
})

test('a body that fails frees the lock', async () => {
  const failing = store.locks.withLock('lane', () => Promise.reject(new Error('no')), never)
  await expect(failing).rejects.toThrow('no')
  expect(await other.locks.withLock('lane', async () => 'mine', never)).toBe('mine')
})

test('who gives up waiting leaves nothing behind', async () => {
  const lock = await store.locks.tryLock('lane')
  const stop = new AbortController()
  const waiting = other.locks.withLock('lane', async () => 'never', stop.signal)
  setTimeout(() => stop.abort(new Error('enough')), 50)
  await expect(waiting).rejects.toThrow('enough')
  await lock?.release()
  expect(await store.locks.withLock('lane', async () => 'mine', never)).toBe('mine')
})

test('who gives up in the moment in which the waiting begins leaves nothing behind either', async () => {
  await using slow = await openSlowWay(postgres.url)
  const late = await openTestStore(slow.url, { repository: store.repository })
  await using lock = await store.locks.tryLock('lane')
  const stop = new AbortController()
  const waiting = late.locks.withLock('lane', async () => 'never', stop.signal)
  waiting.catch(() => {})
  await slow.hasAsked
  stop.abort(new Error('enough'))
  await slow.isToldToLeave
  slow.letPass()
  await expect(waiting).rejects.toThrow('enough')
  expect(lock?.signal.aborted).toBe(false)
  await late.close()
})

/** A way to the server on which the request for a lock stays until it is let pass. */
async function openSlowWay(url: string) {
  const folder = await mkdtemp(join(tmpdir(), 'cox-way-'))
  const socket = '.s.PGSQL.5432'
  const target = join(new URL(url).searchParams.get('host') ?? '', socket)
  const [asked, told, passing] = [0, 1, 2].map(() => Promise.withResolvers<void>())
  const server = createServer((near) => {
    const far = connect(target)
    let [isHeld, isTelling] = [false, false]
    near.on('data', (chunk) => {
      isHeld ||= chunk.includes('pg_advisory_lock(')
      isTelling ||= chunk.includes('_backend($1)')
      if (!isHeld) return far.write(chunk)
      asked?.resolve()
      return passing?.promise.then(() => far.write(chunk))
    })
    far.on('data', (chunk) => {
      near.write(chunk)
      if (isTelling) told?.resolve()
    })
    for (const [end, opposite] of [
      [near, far],
      [far, near],
    ] as const)
      end.on('error', () => {}).on('close', () => opposite.destroy())
  })
  await once(server.listen(join(folder, socket)), 'listening')
  return {
    url: url.replace(/host=[^&]*/, `host=${encodeURIComponent(folder)}`),
    hasAsked: asked?.promise,
    isToldToLeave: told?.promise,
    letPass: () => passing?.resolve(),
    [Symbol.asyncDispose]: async () => {
      server.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

test('a lock lost with its connection aborts its body, and is free', async () => {
  const lost = store.locks.withLock(
    'lane',
    (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
        postgres.kill()
      }),
    never,
  )
  await expect(lost).rejects.toMatchObject({ code: 'LOCK_LOST', data: { lock: 'lane' } })
  await postgres.restart()
  expect(await other.locks.withLock('lane', async () => 'mine', never)).toBe('mine')
})
