import { milliseconds, minutes, sleep } from '@coxswain/kernel'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestStore, startTestPostgres, type TestPostgres } from './testing.ts'

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await startTestPostgres()
})
afterAll(() => postgres[Symbol.asyncDispose]())

const place = { machine: 'm', path: '/r/.git', device: '1', inode: '2' }

test('a worker is alive as long as it says so', async () => {
  const [one, two] = [await openTestStore(postgres.url), await openTestStore(postgres.url, { workerId: 'x' })]
  const second = await openTestStore(postgres.url, { repository: one.repository, workerId: 'w2' })
  await one.workers.heartbeat({ host: 'here', pid: 1 })
  await one.workers.heartbeat({ host: 'here', pid: 2, place })
  await second.workers.heartbeat({ host: 'there', pid: 3 })
  expect(await one.workers.list()).toEqual([
    { id: 'w1', host: 'here', pid: 2, place },
    { id: 'w2', host: 'there', pid: 3, place: null },
  ])
  expect(await two.workers.list()).toEqual([])
  expect(await one.workers.dead(minutes(1))).toEqual([])
  const silent = milliseconds(30)
  while ((await one.workers.dead(silent)).length < 2) await sleep(10)
  await one.workers.heartbeat({ host: 'here', pid: 2 })
  expect(await one.workers.dead(minutes(1))).toEqual([])
  await one.workers.remove('w2')
  expect(await one.workers.list()).toEqual([{ id: 'w1', host: 'here', pid: 2, place: null }])
  await Promise.all([one, two, second].map((store) => store.close()))
})
