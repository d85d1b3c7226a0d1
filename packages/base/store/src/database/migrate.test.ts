import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestStore, sampleEvent, startTestPostgres, type TestPostgres } from '../testing.ts'

/* What an earlier version left goes on: each fixture is a database as that version wrote it. */

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await startTestPostgres()
})
afterAll(() => postgres[Symbol.asyncDispose]())

test('runs of schema version 1, in whatever state, go on', async () => {
  const client = new Client(postgres.url)
  await client.connect()
  await client.query(await readFile(join(import.meta.dirname, '../../fixtures/schema-1.sql'), 'utf8'))
  await client.end()
  const store = await openTestStore(postgres.url, { repository: 'shop-1a2b3c4d5e', workerId: 'host-daemon' })
  try {
    expect((await store.runs.list()).map(({ id, state, outcome }) => `${id} ${state} ${outcome}`)).toEqual([
      'r1 landed landed',
      'r2 awaiting-approval awaiting-approval',
      'r3 blocked auth',
      'r4 working null',
      'r5 landing null',
      'r6 queued null',
    ])
    expect(await store.claims.renew()).toEqual([
      { run: 'r4', token: 1 },
      { run: 'r5', token: 1 },
    ])
    const next = await store.claims.next({ slots: 3 })
    expect([next?.run.id, next?.claim.token]).toEqual(['r6', 1])
    const moved = await store.under({ run: next?.run.id ?? ('r6' as never), token: 1 }).runs.transition({
      run: next?.run.id ?? ('r6' as never),
      from: ['queued'],
      to: 'working',
      progress: null,
      event: sampleEvent('x'),
      key: 'k',
    })
    expect(moved.kind).toBe('moved')
    // A transition that was recorded before is known by its key.
    const again = await store.runs.transition({
      run: 'r5' as never,
      from: ['checking'],
      to: 'landing',
      progress: null,
      event: sampleEvent('step'),
      key: 'r5/1/3',
    })
    expect(again).toMatchObject({ kind: 'moved', run: { id: 'r5', state: 'landing' } })
    expect(await store.lanes.within('landing', async ({ token }) => token, new AbortController().signal)).toBe(1)
    expect((await store.turns.sumBetween(0, Number.MAX_SAFE_INTEGER)).turns).toBe(1)
  } finally {
    await store.close()
  }
})
