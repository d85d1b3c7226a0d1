import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, watch, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureStateFolder, formerStateFolder, openRepository, placeOf, readOwner, stateFolder, writeOwner } from '@coxswain/host'
import { isCoxError } from '@coxswain/kernel'
import { startEmbeddedPostgres } from '@coxswain/store'
import { newTask, openTestStore, startTestPostgres, type TestPostgres } from '@coxswain/store/testing'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { adoptRepository, type Adoption } from './adopt-repository.ts'
import { adoptionNotice, rootsOf, type Standing } from './former-states.ts'

/* Who a repository is that was copied or cloned, by what the state folder knows. */

let postgres: TestPostgres
let root: string
let environment: Readonly<Record<string, string>>
beforeAll(async () => {
  postgres = await startTestPostgres()
})
afterAll(() => postgres[Symbol.asyncDispose]())
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'cox-adopt-')))
  environment = { COXSWAIN_STATE_DIR: join(root, 'state'), COXSWAIN_DATABASE_URL: postgres.url }
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const at = (name: string): string => join(root, name)
const git = (folder: string, ...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@b', ...args], { cwd: at(folder), encoding: 'utf8' })

async function make(name: string): Promise<void> {
  mkdirSync(at(name))
  git(name, 'init', '--quiet', '-b', 'main')
  git(name, 'commit', '--quiet', '--allow-empty', '-m', `first of ${name}`)
}

/** As a daemon does at its start; returns the id. `isUsed`: it has worked on a run. */
async function start(name: string, isUsed = true): Promise<string> {
  const repository = await openRepository(at(name))
  const folder = stateFolder(repository, environment)
  ensureStateFolder(folder)
  await rootsOf(repository, folder)
  if (isUsed) mkdirSync(join(folder.runs, 'r1'), { recursive: true })
  return folder.id
}

async function notice(name: string): Promise<string | null> {
  const repository = await openRepository(at(name))
  return adoptionNotice({ repository, environment, folder: stateFolder(repository, environment) } satisfies Standing)
}

function adopt(name: string, former: string | null = null, isForced = false): Promise<Adoption> {
  return adoptRepository({ folder: at(name), environment, former, isForced })
}

async function code(act: Promise<unknown>): Promise<string> {
  return act.then(
    () => 'no error',
    (error: unknown) => (isCoxError(error) ? error.code : String(error)),
  )
}

test('RUN-43 a history is told of where its folder is gone and this is a copy of it, or begins alike, and has done nothing', async () => {
  await make('shop')
  const id = await start('shop')
  git('.', 'clone', '--quiet', 'shop', 'clone')
  execFileSync('cp', ['-a', at('shop'), at('copy')])
  await make('other')
  expect([await notice('clone'), await notice('copy'), await notice('shop'), await notice('other')]).toEqual([
    null,
    null,
    null,
    null,
  ])
  renameSync(at('shop'), at('aside'))
  await start('aside')
  expect([await notice('clone'), await notice('copy')]).toEqual([null, null])
  rmSync(at('aside'), { recursive: true })
  const told = (why: string) =>
    expect.stringMatching(`^Coxswain knows ${id}, which was in ${at('aside/.git')} and is gone from there; ${why}\\.`)
  expect([await notice('clone'), await notice('copy'), await notice('other')]).toEqual([
    told('its history begins with the same commit'),
    told('this repository is a copy of it'),
    null,
  ])
  await start('clone')
  expect(await notice('clone')).toBe(null)
})

test('RUN-44 what was begun and cut short is told of, shuts out the former folder, and is ended by the same command', async () => {
  await make('shop')
  const id = await start('shop')
  git('.', 'clone', '--quiet', 'shop', 'clone')
  const own = await start('clone', false)
  const folder = join(at('state'), id)
  const owner = readOwner(folder)
  if (owner === null) throw new Error('the state folder names nobody')
  writeOwner(folder, { ...owner, ...placeOf(at('clone/.git')), isAdopted: true })
  expect(await code(start('shop'))).toBe('REPOSITORY_ADOPTED')
  expect([await start('clone', false), await notice('clone')]).toEqual([
    own,
    expect.stringContaining('was cut short: `cox adopt'),
  ])
  expect(await adopt('clone')).toMatchObject({ id, isRefusedThere: false })
  expect([await adopt('clone'), await start('clone')]).toEqual([expect.objectContaining({ id, from: null }), id])
  // Moved, it stays what it is; and so does what it was taken from.
  renameSync(at('clone'), at('there'))
  renameSync(at('shop'), at('clone'))
  expect([await start('there'), await code(start('clone'))]).toEqual([id, 'REPOSITORY_ADOPTED'])
  // A copy of the refused one begins anew.
  execFileSync('cp', ['-a', at('clone'), at('copy')])
  expect([id, 'REPOSITORY_ADOPTED']).not.toContain(await start('copy'))
})

test('RUN-44 nothing is adopted while a worker lives, and then nothing has changed', async () => {
  await make('shop')
  const id = await start('shop')
  git('.', 'clone', '--quiet', 'shop', 'clone')
  const worker = await openTestStore(postgres.url, { repository: id, workerId: 'far' })
  await worker.workers.heartbeat({ host: 'far', pid: 1 })
  const before = readOwner(join(at('state'), id))
  expect(await code(adopt('clone', id, true))).toBe('HISTORY_BUSY')
  expect([readOwner(join(at('state'), id)), await start('shop')]).toEqual([before, id])
  // Of this machine, and gone: it needs no silence to be dead.
  await worker.workers.heartbeat({ host: hostname(), pid: 2 ** 22 })
  expect(await adopt('clone', id, true)).toMatchObject({ id, isRefusedThere: true })
  await worker.close()
})

test('RUN-44 what shares nothing, what is not alone, and what stands in the way of tasks, needs a word more', async () => {
  for (const name of ['shop', 'other']) await make(name)
  for (const name of ['first', 'second', 'third']) git('.', 'clone', '--quiet', 'shop', name)
  const ids = [await start('first'), await start('second')]
  const other = await start('other', false)
  expect([await code(adopt('third')), await code(adopt('third', at('first')))]).toEqual(['HISTORY_UNKNOWN', 'HISTORY_ELSEWHERE'])
  for (const name of ['first', 'second']) rmSync(at(name), { recursive: true })
  expect([await code(adopt('third')), await code(adopt('other')), await code(adopt('other', 'nothing'))]).toEqual([
    'HISTORY_AMBIGUOUS',
    'HISTORY_UNKNOWN',
    'HISTORY_UNKNOWN',
  ])
  expect(await adopt('third', at('second'))).toMatchObject({ id: ids[1] })
  expect(await code(adopt('other', ids[0]))).toBe('HISTORY_UNRELATED')
  const store = await openTestStore(postgres.url, { repository: other })
  await store.tasks.add(newTask())
  await store.close()
  expect(await code(adopt('other', ids[0]))).toBe('HISTORY_PRESENT')
  expect(await adopt('other', ids[0] ?? '', true)).toMatchObject({ id: ids[0], setAside: join(at('state'), other) })
})

test('RUN-44 killed at any point, it leaves no database server that nobody looks after', async () => {
  environment = { COXSWAIN_STATE_DIR: join(root, 'state') }
  await make('shop')
  git('.', 'clone', '--quiet', 'shop', 'clone')
  const ids = [await start('shop'), await start('clone', false)]
  const [former, own] = ids.map((id) => join(at('state'), id, 'postgres'))
  for (const dataDir of [former ?? '', own ?? ''])
    await (await startEmbeddedPostgres({ dataDir, signal: AbortSignal.timeout(60_000) })).stop()
  const seen: boolean[] = []
  // What it is called changes in this folder, and in that moment none of its own may be left.
  const watcher = watch(at('clone/.git/coxswain'), () => seen.push(existsSync(join(own ?? '', 'cluster/postmaster.pid'))))
  expect(await adopt('clone', ids[0] ?? '', true)).toMatchObject({ id: ids[0] })
  watcher.close()
  expect([...new Set(seen)]).toEqual([false])
})

test('whatever stands in the place of an owner is nobody’s history', async () => {
  await make('shop')
  const id = await start('shop')
  git('.', 'clone', '--quiet', 'shop', 'clone')
  rmSync(at('shop'), { recursive: true })
  for (const text of [
    '',
    '{',
    'null',
    '[]',
    '{"version":1,"id":"../x","path":"/","device":"1","inode":"1"}',
    `{"version":2,"id":"${id}"}`,
  ]) {
    writeFileSync(join(at('state'), id, 'repository.json'), text)
    expect([await notice('clone'), await code(adopt('clone', id))]).toEqual([null, 'HISTORY_UNKNOWN'])
  }
  const folder = formerStateFolder(await openRepository(at('clone')), environment)
  expect(folder.root.startsWith(at('state'))).toBe(true)
})
