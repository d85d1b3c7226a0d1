import { randomUUID } from 'node:crypto'
import { inspect } from 'node:util'
import { milliseconds } from '@coxswain/kernel'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newRun, newTask, openTestStore, sampleEvent, startTestPostgres, type TestPostgres } from './testing.ts'

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await startTestPostgres()
})
afterAll(() => postgres[Symbol.asyncDispose]())

async function execute(url: string, text: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query(text).finally(() => client.end())
}

/** The address of a database of its own on the same server. */
async function freshDatabase(): Promise<string> {
  const name = `d${randomUUID().replaceAll('-', '')}`
  await execute(postgres.ownerUrl, `create database ${name}`)
  return postgres.ownerUrl.replace('/coxswain?', `/${name}?`)
}

test('two processes that open a new database at the same time both succeed', async () => {
  const url = await freshDatabase()
  const stores = await Promise.all([1, 2, 3].map(() => openTestStore(url, { repository: 'same' })))
  expect(await stores[0]?.events.last()).toBe(0)
  await Promise.all(stores.map((store) => store.close()))
})

test('a database of a newer version is refused and left alone', async () => {
  const url = await freshDatabase()
  await (await openTestStore(url)).close()
  await execute(url, 'update coxswain.schema_version set version = 1000')
  await expect(openTestStore(url)).rejects.toMatchObject({ code: 'DATABASE_NEWER', data: { version: 1_000 } })
})

test.each([
  ['a server that does not answer', 'postgresql://nobody@127.0.0.1:1/none', 'Check that Postgres runs'],
  ['a socket that is not there', 'postgresql://nobody@localhost/none?host=%2Fnonexistent', 'Check that Postgres runs'],
  ['a host that does not exist', 'postgresql://nobody@no-such-host.invalid/none', 'Check'],
])('%s is an error with the next step', async (_name, url, hint) => {
  await expect(openTestStore(url, { patience: milliseconds(200) })).rejects.toMatchObject({
    code: 'DATABASE_UNREACHABLE',
    hint: expect.stringContaining(hint),
  })
})

test('a database that does not exist is named at once', async () => {
  const url = postgres.ownerUrl.replace('/coxswain?', '/missing?')
  await expect(openTestStore(url)).rejects.toMatchObject({
    code: 'DATABASE_UNREACHABLE',
    message: 'The database refused us: database "missing" does not exist',
    hint: 'Create the database, or correct its name in the database url.',
  })
})

test('operations wait for a server that was killed, and start it again when they can', async () => {
  let revivals = 0
  const revive = async (): Promise<void> => {
    revivals += 1
    await postgres.restart()
  }
  await using cleanup = new AsyncDisposableStack()
  const store = await openTestStore(postgres.url, { revive })
  cleanup.defer(() => store.close())
  postgres.kill()
  const names = Array.from({ length: 20 }, (_, index) => `test-${index}`)
  await Promise.all(names.map((name) => store.events.append([sampleEvent(name)])))
  const stored = await store.events.list()
  expect(stored.map((event) => String(event.data['reason'])).toSorted()).toEqual(names.toSorted())
  expect(stored.map((event) => event.seq)).toEqual(names.map((_, index) => index + 1))
  expect(revivals).toBeGreaterThan(0)
})

test('repositories on one database do not see each other', async () => {
  await using cleanup = new AsyncDisposableStack()
  const [one, two] = await Promise.all([openTestStore(postgres.url), openTestStore(postgres.url)])
  cleanup.defer(() => one.close())
  cleanup.defer(() => two.close())
  await one.events.append([sampleEvent('only one')])
  expect(await two.events.list()).toEqual([])
  expect(await two.events.last()).toBe(0)
})

test('a table that a newer version changes while we run costs a new connection, not an error', async () => {
  const url = await freshDatabase()
  const store = await openTestStore(url)
  const { id } = await store.runs.create(newRun((await store.tasks.add(newTask())).id))
  for (let round = 0; round < 5; round += 1) await store.runs.get(id)
  await execute(url, 'alter table coxswain.runs add column from_the_future text')
  expect((await store.runs.get(id))?.id).toBe(id)
  await store.close()
})

test('a store tells whether its role could do anything, and an error about a url never says its password', async () => {
  const [plain, mighty] = [await openTestStore(postgres.url), await openTestStore(postgres.ownerUrl)]
  expect([await plain.role(), await mighty.role()]).toEqual([
    { name: 'app', isSuperuser: false },
    { name: 'coxswain', isSuperuser: true },
  ])
  await Promise.all([plain.close(), mighty.close()])
  for (const wrong of [
    postgres.url.replace(/:[^:@/]+@/, ':guessed-by-nobody@'),
    'postgresql://ann:guessed-by-nobody@127.0.0.1:1/none',
    'postgresql://ann:guessed-by-nobody@no-such-host.invalid/none',
    'postgresql://ann:guessed-by-nobody@[/none',
  ]) {
    const error: unknown = await openTestStore(wrong, { patience: milliseconds(100) }).catch((failure: unknown) => failure)
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('guessed-by-nobody')
  }
})
