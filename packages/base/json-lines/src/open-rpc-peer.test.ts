import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { milliseconds } from '@coxswain/kernel'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readEnvironment } from '@coxswain/host'
import { attachDetached, startDetached, type DetachedProcess } from '@coxswain/host'
import { openRpcPeer, type RpcAnswer, type RpcPeer } from './open-rpc-peer.ts'

let folder: string
const stop = new AbortController()
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cox-rpc-'))
})
afterEach(async () => {
  await (await attachDetached(join(folder, 'p')))?.stop({ grace: milliseconds(0) })
  await rm(folder, { recursive: true, force: true })
})

/** Answers `double`, counts what it was asked, asks back on `ask`, ends on `die`. */
const program = `
import { createInterface } from 'node:readline'
const say = (message) => process.stdout.write(JSON.stringify(message) + '\\n')
let asked = 0
process.stdout.write('hello, not json\\n{"half": \\n')
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params, result } = JSON.parse(line)
  if (method === 'double') say({ id, result: { value: params.value * 2, asked: ++asked } })
  if (method === 'note') say({ method: 'noted', params })
  if (method === 'fail') say({ id, error: { code: -7, message: 'no', data: { kind: 'x' } } })
  if (method === 'ask') { say({ id: 0, method: 'question', params }); say({ id, result: null }) }
  if (method === 'die') process.exit(4)
  if (method === undefined) say({ method: 'answered', params: { result } })
}`

async function start(): Promise<DetachedProcess> {
  await writeFile(join(folder, 'program.mjs'), program)
  const command = [process.execPath, join(folder, 'program.mjs')]
  return startDetached({ dir: join(folder, 'p'), key: 'k', command, cwd: folder, env: readEnvironment(), input: 'lines' })
}

interface Opened {
  readonly peer: RpcPeer
  readonly seen: unknown[]
  readonly wait: (count: number) => Promise<void>
}

function open(process: DetachedProcess, answer: RpcAnswer | null = { result: 'yes' }): Opened {
  const seen: unknown[] = []
  let wake = Promise.withResolvers<void>()
  const add = (entry: unknown): void => {
    seen.push(entry)
    wake.resolve()
    wake = Promise.withResolvers<void>()
  }
  const peer = openRpcPeer({
    process,
    versioned: false,
    signal: stop.signal,
    onNotification: (method, params, line) => add([line, method, params]),
    onRequest: async ({ method, params, line }) => {
      add([line, method, params])
      return answer
    },
  })
  return {
    peer,
    seen,
    wait: async (count) => {
      while (seen.length < count) await wake.promise
    },
  }
}

test('requests are answered, notifications are numbered by line, noise is counted', async () => {
  const { peer, seen, wait } = open(await start())
  expect(await peer.request('a', 'double', { value: 4 })).toEqual({ value: 8, asked: 1 })
  await peer.notify('n', 'note', { text: 'x' })
  await wait(1)
  expect(seen).toEqual([[4, 'noted', { text: 'x' }]])
  expect(peer.noise()).toEqual({ garbageLines: 2, oversizeLines: 0, sample: 'hello, not json' })
  expect(peer.messageCount()).toBe(2)
})

test('an error answer carries its code and data; the end of the program rejects what waits', async () => {
  const { peer } = open(await start())
  await expect(peer.request('f', 'fail', {})).rejects.toMatchObject({
    code: 'RPC_ERROR',
    message: 'no',
    data: { code: -7, data: { kind: 'x' } },
  })
  await expect(peer.request('d', 'die', {})).rejects.toMatchObject({ code: 'RPC_ENDED' })
  await peer.ended
  await expect(peer.request('later', 'double', { value: 1 })).rejects.toMatchObject({ code: 'RPC_ENDED' })
})

test('a second life joins the requests of the first and answers no question twice', async () => {
  const first = open(await start())
  await first.peer.request('a', 'double', { value: 4 })
  await first.peer.request('q', 'ask', { n: 1 })
  await first.wait(2)
  const attached = await attachDetached(join(folder, 'p'))
  if (attached === null) throw new Error('nothing to attach to')
  const second = open(attached, { result: 'no' })
  expect(await second.peer.request('a', 'double', { value: 4 })).toEqual({ value: 8, asked: 1 })
  expect(await second.peer.request('b', 'double', { value: 5 })).toEqual({ value: 10, asked: 2 })
  expect(first.seen).toEqual([
    [4, 'question', { n: 1 }],
    [6, 'answered', { result: 'yes' }],
  ])
  expect(second.seen).toEqual([[6, 'answered', { result: 'yes' }]])
})

test('a question that nobody answered before a crash is asked again, unless it was withdrawn', async () => {
  const first = open(await start(), null)
  await first.peer.request('q', 'ask', { n: 1 })
  await first.wait(1)
  const attached = await attachDetached(join(folder, 'p'))
  if (attached === null) throw new Error('nothing to attach to')
  const withdrawn = open(attached)
  withdrawn.peer.withdraw(0)
  await withdrawn.peer.caughtUp
  await withdrawn.peer.request('b', 'double', { value: 1 })
  expect(withdrawn.seen).toEqual([])
  const second = open(attached)
  await second.wait(2)
  expect(second.seen).toEqual([
    [3, 'question', { n: 1 }],
    [6, 'answered', { result: 'yes' }],
  ])
})

test('a client that was killed leaves a session that the next one joins', async () => {
  await start()
  const client = `
    import { attachDetached } from ${JSON.stringify(pathToFileURL(createRequire(import.meta.url).resolve('@coxswain/host')).href)}
    import { openRpcPeer } from ${JSON.stringify(new URL('./open-rpc-peer.ts', import.meta.url).href)}
    const process_ = await attachDetached(${JSON.stringify(join(folder, 'p'))})
    const peer = openRpcPeer({ process: process_, versioned: false, signal: new AbortController().signal, onNotification() {}, onRequest: async () => null })
    await peer.request('a', 'double', { value: 21 })
    console.log('asked')`
  await writeFile(join(folder, 'client.mts'), client)
  const child = spawn(process.execPath, [join(folder, 'client.mts')], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  const attached = await attachDetached(join(folder, 'p'))
  if (attached === null) throw new Error('nothing to attach to')
  expect(await open(attached).peer.request('a', 'double', { value: 21 })).toEqual({ value: 42, asked: 1 })
})
