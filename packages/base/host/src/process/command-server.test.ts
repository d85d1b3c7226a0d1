import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { errorMessage, milliseconds, sleep } from '@coxswain/kernel'
import { expect, test } from 'vitest'
import { startCommandServer } from './command-server.ts'
import { startDetached } from './detached.ts'
import { findByVariable } from './find-by-variable.ts'
import { signalProcess } from './process-table.ts'
import { runCommand, type CommandOptions, type CommandResult } from './run-command.ts'

const env = { PATH: process.env['PATH'] ?? '' }

const commands: Readonly<Record<string, Partial<CommandOptions> & Pick<CommandOptions, 'command'>>> = {
  'output on both streams': { command: ['sh', '-c', 'echo out; echo err >&2; exit 3'] },
  'its input': { command: ['cat'], stdin: 'zeile äöü\n' },
  'bytes as input': { command: ['wc', '-c'], stdin: new Uint8Array(100_000) },
  'the tail of a loud one': { command: ['sh', '-c', 'seq 1 20000'], maxOutputBytes: 1_000 },
  'one that takes too long': { command: ['sleep', '60'], timeout: milliseconds(200) },
  'one that dies by a signal': { command: ['sh', '-c', 'kill -9 $$'] },
  'one that does not exist': { command: ['no-such-program'] },
  'a folder that does not exist': { command: ['true'], cwd: '/no/such/folder' },
}

test('the server runs commands as they run without it', async () => {
  const without = await runAll()
  const server = startCommandServer()
  expect(await runAll()).toEqual(without)
  await server[Symbol.asyncDispose]()
  expect(without['its input']).toMatchObject({ exitCode: 0, stdout: 'zeile äöü\n' })
  expect(without['one that takes too long']).toMatchObject({ timedOut: true, signal: 'SIGTERM' })
})

async function runAll(): Promise<Record<string, unknown>> {
  const results: Record<string, unknown> = {}
  for (const [name, options] of Object.entries(commands)) results[name] = await outcomeOf({ cwd: '/', env, ...options })
  return results
}

async function outcomeOf(options: CommandOptions): Promise<Partial<CommandResult> | string> {
  try {
    const { wallMs: _wallMs, ...result } = await runCommand(options)
    return result
  } catch (error) {
    return errorMessage(error)
  }
}

test('a server that is killed is replaced; it ends with the one it serves', async () => {
  const server = startCommandServer()
  const parentOf = async (): Promise<number> =>
    Number((await runCommand({ command: ['sh', '-c', 'echo $PPID'], cwd: '/', env })).stdout)
  const first = await parentOf()
  expect(first).not.toBe(process.pid)
  signalProcess(first, 'SIGKILL')
  let second = await parentOf()
  // What it was asked and had not begun is done without it.
  while (second === process.pid) second = await parentOf()
  expect(second).not.toBe(first)
  await server[Symbol.asyncDispose]()
  while (signalProcess(second, 'SIGCONT')) await sleep(5)
  expect(await parentOf()).toBe(process.pid)
})

test('a detached process outlives the server that started it', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'cox-server-'))
  try {
    const server = startCommandServer()
    const command = ['sh', '-c', 'sleep 0.3; echo done']
    const started = await startDetached({ dir, key: 'k', command, cwd: '/', env, input: 'none' })
    await server[Symbol.asyncDispose]()
    expect(await started.exited(AbortSignal.timeout(20_000))).toEqual({ exitCode: 0 })
    expect(findByVariable('COXSWAIN_PROCESS').filter(({ pid }) => pid === started.identity.pid)).toEqual([])
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
})
