import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { systemClock } from '@coxswain/host'
import { isCoxError, silentLogger, sleep } from '@coxswain/kernel'
import { startTestPostgres, type TestPostgres } from '@coxswain/store/testing'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createEngine } from './create-engine.ts'
import type { Engine } from './engine.ts'

const program = fileURLToPath(new URL('../fixtures/worker/worker.ts', import.meta.url))
const never = new AbortController().signal

let postgres: TestPostgres
let folder: string
let repository: string
/** Asks about workflows, runs none. */
let watcher: Engine
const children = new Set<ChildProcess>()

beforeAll(async () => {
  postgres = await startTestPostgres()
})
afterAll(() => postgres[Symbol.asyncDispose]())
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cox engine '))
  await writeFile(join(folder, 'log'), '')
  repository = randomUUID()
  watcher = await createEngine({
    url: postgres.url,
    repository,
    worker: 'watcher',
    version: '1',
    clock: systemClock,
    logger: silentLogger,
  })
  await watcher.launch()
})
afterEach(async () => {
  await Promise.all([...children].map(kill))
  await watcher.shutdown()
  await rm(folder, { recursive: true, force: true })
})

interface Worker {
  readonly child: ChildProcess
  readonly errors: () => string
  send(line: string): void
  said(line: string): Promise<void>
}

async function startWorker(name: string): Promise<Worker> {
  const child = spawn(process.execPath, [program, postgres.url, repository, name, join(folder, 'log')], { stdio: 'pipe' })
  children.add(child)
  let errors = ''
  child.stderr.on('data', (chunk) => (errors += String(chunk)))
  const lines: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line))
  const said = async (line: string): Promise<void> => {
    while (!lines.includes(line)) {
      if (child.exitCode !== null) throw new Error(`worker ended without saying "${line}", but: ${lines.join(', ')} ${errors}`)
      await sleep(5)
    }
  }
  await said('ready')
  return { child, errors: () => errors, send: (line) => void child.stdin.write(`${line}\n`), said }
}

async function kill(child: ChildProcess): Promise<void> {
  children.delete(child)
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

function log(): string[] {
  return readFileSync(join(folder, 'log'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
}

async function logged(line: string): Promise<void> {
  while (!log().includes(line)) await sleep(5)
}

/** Lets held steps end, of whichever worker. */
function release(): Promise<void> {
  return writeFile(join(folder, 'log.released'), '')
}

test('killed in the middle of a step, a worker repeats that step alone', async () => {
  const first = await startWorker('w1')
  first.send('start count a {"steps":3,"held":2}')
  await logged('w1 a begin 2')
  await kill(first.child)
  expect(await watcher.unfinished()).toEqual([{ id: 'a', worker: 'w1' }])
  await release()
  await startWorker('w1')
  expect(await watcher.result('a', never)).toBe(6)
  expect(log()).toEqual(
    ['begin 1', 'end 1', 'begin 2', 'begin 2', 'end 2', 'begin 3', 'end 3', 'done'].map((line) => `w1 a ${line}`),
  )
})

test('killed at random moments, a worker loses no workflow and repeats no finished step', async () => {
  const ids = Array.from({ length: 8 }, (_, index) => `a${index}`)
  const steps = 6
  let worker = await startWorker('w1')
  for (const id of ids) worker.send(`start count ${id} {"steps":${steps},"ms":60}`)
  for (const id of ids) await logged(`w1 ${id} begin 1`)
  for (let round = 0; round < 3; round += 1) {
    const before = log().length
    const isOver = (): boolean => log().filter((line) => line.endsWith('done')).length >= ids.length
    while (log().length < before + 5 + round && !isOver()) await sleep(1)
    await kill(worker.child)
    worker = await startWorker('w1')
  }
  expect(await Promise.all(ids.map((id) => watcher.result(id, never)))).toEqual(ids.map(() => 21))
  for (const id of ids) {
    const ends = log().filter((line) => line.startsWith(`w1 ${id} end`))
    // A step that ended in the moment before a kill was not recorded yet: it may end once more for each kill, and no other may.
    expect(new Set(ends)).toEqual(new Set(Array.from({ length: steps }, (_, index) => `w1 ${id} end ${index + 1}`)))
    expect(ends.toSorted()).toEqual(ends)
    expect(ends.length).toBeLessThanOrEqual(steps + 3)
  }
  expect(await watcher.unfinished()).toEqual([])
  expect(worker.errors()).toBe('')
})

test('a second worker goes on with the workflows of a dead one, and with none of a live one', async () => {
  const [dead, alive, heir] = [await startWorker('w1'), await startWorker('w2'), await startWorker('w3')]
  dead.send('start count a {"steps":3,"held":2}')
  alive.send('start count b {"steps":3,"held":2}')
  await logged('w1 a begin 2')
  await logged('w2 b begin 2')
  await kill(dead.child)
  heir.send('take-over w1 nobody')
  await heir.said('took a')
  await release()
  expect(await Promise.all(['a', 'b'].map((id) => watcher.result(id, never)))).toEqual([6, 6])
  expect(
    log()
      .filter((line) => line.includes(' b '))
      .every((line) => line.startsWith('w2')),
  ).toBe(true)
  const ofA = log().filter((line) => line.includes(' a '))
  expect(ofA.filter((line) => line.startsWith('w3'))).toEqual(
    ['begin 2', 'end 2', 'begin 3', 'end 3', 'done'].map((line) => `w3 a ${line}`),
  )
})

test('a worker that was taken for dead stops at its next record and changes nothing', async () => {
  const [slow, heir] = [await startWorker('w1'), await startWorker('w2')]
  slow.send('start count a {"steps":3,"held":2}')
  await logged('w1 a begin 2')
  heir.send('take-over w1')
  await heir.said('took a')
  await logged('w2 a begin 2')
  await release()
  expect(await watcher.result('a', never)).toBe(6)
  await logged('w1 a end 2')
  slow.send('shutdown')
  await slow.said('shut down')
  expect(log().filter((line) => line.startsWith('w1'))).toEqual(
    ['begin 1', 'end 1', 'begin 2', 'end 2'].map((line) => `w1 a ${line}`),
  )
  expect(log().filter((line) => line.endsWith('done'))).toEqual(['w2 a done'])
})

test('a worker that restarts leaves the workflows of others alone', async () => {
  const first = await startWorker('w1')
  first.send('start count a {"steps":2,"held":1}')
  await logged('w1 a begin 1')
  await kill(first.child)
  const other = await startWorker('w2')
  other.send('start count b {"steps":1,"ms":10}')
  await logged('w2 b done')
  await watcher.result('b', never)
  expect(await watcher.unfinished()).toEqual([{ id: 'a', worker: 'w1' }])
  await release()
  await startWorker('w1')
  expect(await watcher.result('a', never)).toBe(3)
  expect(
    log()
      .filter((line) => line.includes(' a '))
      .every((line) => line.startsWith('w1')),
  ).toBe(true)
})

test('an error recorded by a killed worker is the same error afterwards', async () => {
  const first = await startWorker('w1')
  first.send('start fail-then-wait a')
  const line = 'w1 a true {"code":"GATE_MISSING","message":"No gate","hint":"Add one.","data":{"n":[1]}}'
  await logged(line)
  await kill(first.child)
  await release()
  await startWorker('w1')
  const error = await watcher.result('a', never).catch((thrown: unknown) => thrown)
  expect(isCoxError(error, 'GATE_MISSING')).toBe(true)
  expect(log()).toEqual([line, line])
})

test('shutting down ends the process without a word, and the next one goes on', async () => {
  const first = await startWorker('w1')
  first.send('start count a {"steps":2,"held":2}')
  await logged('w1 a begin 2')
  first.send('shutdown')
  await once(first.child, 'exit')
  expect([first.child.exitCode, first.errors()]).toEqual([0, ''])
  expect(await watcher.unfinished()).toEqual([{ id: 'a', worker: 'w1' }])
  await release()
  await startWorker('w1')
  expect(await watcher.result('a', never)).toBe(3)
  expect(log()).toEqual(['begin 1', 'end 1', 'begin 2', 'begin 2', 'end 2', 'done'].map((line) => `w1 a ${line}`))
})

test('killing server and worker together loses nothing', async () => {
  const first = await startWorker('w1')
  first.send('start count a {"steps":3,"held":2}')
  await logged('w1 a begin 2')
  postgres.kill()
  await kill(first.child)
  await release()
  await postgres.restart()
  await startWorker('w1')
  expect(await watcher.result('a', never)).toBe(6)
  expect(log()).toEqual(
    ['begin 1', 'end 1', 'begin 2', 'begin 2', 'end 2', 'begin 3', 'end 3', 'done'].map((line) => `w1 a ${line}`),
  )
})
