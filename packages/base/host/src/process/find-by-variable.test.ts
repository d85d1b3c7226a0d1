import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { sleep } from '@coxswain/kernel'
import { afterEach, expect, test } from 'vitest'
import { findByMarker } from './find-by-variable.ts'

const name = 'COX_FIND_TEST'
const value = `v${process.pid}`
const started: ChildProcess[] = []

afterEach(async () => {
  for (const child of started.splice(0)) if (child.kill('SIGKILL')) await once(child, 'exit')
})

function start(script: string, env: Readonly<Record<string, string>> = {}): ChildProcess {
  const child = spawn('sh', ['-c', script], { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'inherit'] })
  started.push(child)
  return child
}

async function untilSaid(child: ChildProcess): Promise<number> {
  if (child.stdout !== null) await once(child.stdout, 'data')
  return child.pid ?? 0
}

test('marked processes are found at each look, whatever earlier looks were at', async () => {
  await untilSaid(start('echo ready; read -r _'))
  const one = await untilSaid(start('echo ready; read -r _', { [name]: value }))
  expect(findByMarker(name, value)).toEqual([one])
  await sleep(1_100)
  expect(findByMarker(name, value)).toEqual([one]) // by now the other one is known
  const two = await untilSaid(start('echo ready; read -r _', { [name]: value }))
  expect(new Set(findByMarker(name, value))).toEqual(new Set([one, two]))
  expect(findByMarker(name, 'other')).toEqual([])
})

test('a process that is seen before its own program has begun is not taken for a stranger', async () => {
  const child = start(`echo ready; read -r _; exec env ${name}=${value} sh -c 'echo begun; read -r _'`)
  const pid = await untilSaid(child)
  expect(findByMarker(name, value)).toEqual([])
  child.stdin?.write('go\n')
  await untilSaid(child)
  expect(findByMarker(name, value)).toEqual([pid])
})

test('a process that becomes one program after another is found at each look', async () => {
  const again = 'exec sh -c "$AGAIN"'
  const child = start(`echo ready; ${again}`, { [name]: value, AGAIN: again })
  const pid = await untilSaid(child)
  for (let look = 0; look < 100; look += 1) expect(findByMarker(name, value)).toEqual([pid])
})
