import { mkdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { silentLogger } from '@coxswain/kernel'
import type { RunId } from '@coxswain/model'
import { firstProgress } from '@coxswain/runs'
import { newRun, newTask } from '@coxswain/store/testing'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createRunDoors, type RunDoors } from './run-doors.ts'
import { openTestContext, type TestContext } from './testing/open-test-context.ts'

let opened: TestContext
let runs: readonly [RunId, RunId]
let doors: RunDoors
let folder: string
beforeAll(async () => {
  opened = await openTestContext()
  const { store } = opened.context
  const task = await store.tasks.add(newTask({ agent: 'rewriter' }))
  const add = async (): Promise<RunId> =>
    (await store.runs.create(newRun(task.id, { agent: 'rewriter', progress: firstProgress(false) }))).id
  runs = [await add(), await add()]
})
afterAll(() => opened[Symbol.asyncDispose]())
beforeEach(async () => {
  doors = createRunDoors(Promise.resolve(opened.context), silentLogger)
  folder = join(opened.root, 'session')
  await mkdir(folder, { mode: 0o700 })
})
afterEach(async () => {
  await doors.closeAll()
  await rm(folder, { recursive: true, force: true })
})

function get(socketPath: string, path: string): Promise<{ readonly status: number; readonly body: string }> {
  const answer = Promise.withResolvers<{ status: number; body: string }>()
  const asked = request({ socketPath, path, agent: false, headers: { host: 'localhost' } }, (response) => {
    let body = ''
    response.setEncoding('utf8').on('data', (piece: string) => (body += piece))
    response.on('end', () => answer.resolve({ status: response.statusCode ?? 0, body }))
  })
  asked.on('error', answer.reject)
  asked.end()
  return answer.promise
}

test('a door is a socket in the folder of its run, which says by itself who asks', async () => {
  const [one, two] = runs
  const { COXSWAIN_RUN_SOCKET: path = '' } = await doors.open(one, folder)
  expect(path).toBe(join(folder, 'home/cox.sock'))
  expect((await stat(join(folder, 'home'))).mode & 0o777).toBe(0o700)
  expect((await get(path, `/v1/runs/${one}`)).status).toBe(200)
  expect((await get(path, `/v1/runs/${two}`)).status).toBe(403)
  expect((await get(path, `/v1/tasks`)).status).toBe(403)
  expect(await doors.open(one, folder)).toEqual({ COXSWAIN_RUN: one, COXSWAIN_RUN_SOCKET: path })
  await doors.close(one)
  await expect(get(path, `/v1/runs/${one}`)).rejects.toThrow('ENOENT')
})

test('a door opens in a folder whose path is too long for a socket', async () => {
  const deep = join(folder, 'x'.repeat(120))
  await mkdir(deep)
  const { COXSWAIN_RUN_SOCKET: path = '' } = await doors.open(runs[0], deep)
  expect(path).toBe(join(deep, 'home/cox.sock'))
  const link = join(opened.root, 'short')
  await symlink(join(deep, 'home'), link)
  expect((await get(join(link, 'cox.sock'), `/v1/runs/${runs[0]}`)).status).toBe(200)
  await rm(link)
})

test('what an earlier life, or the agent, left at its place is replaced and never followed', async () => {
  const path = join(folder, 'home/cox.sock')
  const target = join(opened.root, 'target')
  await writeFile(target, 'kept', { mode: 0o644 })
  await mkdir(join(folder, 'home'))
  for (const leave of [() => symlink(target, path), () => writeFile(path, 'x'), () => mkdir(path)]) {
    await leave()
    expect(await doors.open(runs[0], folder)).toEqual({ COXSWAIN_RUN: runs[0], COXSWAIN_RUN_SOCKET: path })
    await expect(readlink(path)).rejects.toThrow('EINVAL')
    expect((await get(path, `/v1/runs/${runs[0]}`)).status).toBe(200)
    await doors.close(runs[0])
  }
  expect([await readFile(target, 'utf8'), (await stat(target)).mode & 0o777]).toEqual(['kept', 0o644])
})

test('a place where no door can be made is no reason for a run not to go on', async () => {
  await writeFile(join(folder, 'home'), '')
  expect(await doors.open(runs[0], folder)).toEqual({})
})

test('who asks before the daemon serves waits for it', async () => {
  const context = Promise.withResolvers<TestContext['context']>()
  const early = createRunDoors(context.promise, silentLogger)
  const { COXSWAIN_RUN_SOCKET: path = '' } = await early.open(runs[0], folder)
  const answer = get(path, `/v1/runs/${runs[0]}`)
  context.resolve(opened.context)
  expect((await answer).status).toBe(200)
  await early.closeAll()
})
