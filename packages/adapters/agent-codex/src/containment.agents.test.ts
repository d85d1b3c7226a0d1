import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AgentEvent } from '@coxswain/agents'
import { openDriver, type ConformanceWorld } from '@coxswain/agents/testing'
import { placeSecrets, type ModelStep } from '@coxswain/testing'
import { afterEach, expect, test } from 'vitest'
import { createCodexBackend } from './create-codex-backend.ts'
import { codexTarget as target, openCodexWorld } from './testing/codex-target.ts'

let world: ConformanceWorld
afterEach(() => world.dispose())

/** Has codex run one command and returns how it ended. */
async function runCommand(command: string, network: 'full' | 'none'): Promise<Extract<AgentEvent, { type: 'tool-end' }>> {
  const steps: readonly ModelStep[] = [{ tools: [{ kind: 'command', command }] }, { text: 'Ran.' }]
  world = await openCodexWorld({ special: steps })
  const { events, approvals, turn } = await openDriver({ target, world, key: 'special', network })
  expect(await turn({ key: 't1', prompt: '[scenario:special]' })).toMatchObject({ status: 'completed' })
  expect(approvals).toEqual([])
  const end = events.find((event) => event.type === 'tool-end')
  if (end?.type !== 'tool-end') throw new Error('the command did not run')
  return end
}

test('commands do not see the keys that codex needs, and live in the session’s own folders', async () => {
  const { output } = await runCommand('env', 'full')
  expect(output).not.toContain('SCRIPTED_MODEL_KEY')
  expect(output).not.toContain('sk-scripted')
  expect(output).toContain(`HOME=${join(world.stateDir, 'home')}\n`)
  expect(output).toContain(`TMPDIR=${join(world.stateDir, 'tmp')}\n`)
})

test('a command can write in the worktree and its own temporary folder, nowhere else', async () => {
  const places = [
    'inside.txt',
    '"$TMPDIR/inside"',
    '../beside.txt',
    '/tmp/cox-outside',
    '"$HOME/outside"',
    '.git/config',
    '"$CODEX_HOME/config.toml"',
  ]
  const attempts = places.map((place) => `(echo x >> ${place}) 2>/dev/null && echo yes || echo no`)
  const { output } = await runCommand(attempts.join('; '), 'full')
  expect(output.trim().split('\n')).toEqual(['yes', 'yes', 'no', 'no', 'no', 'no', 'no'])
})

test.each([
  ['full', 'reached'],
  ['none', 'refused'],
] as const)('with network %s a command is %s', async (network, expected) => {
  const connect =
    "node -e \"require('net').connect(+process.argv[1], '127.0.0.1').on('connect', () => process.exit(0)).on('error', () => process.exit(1))\""
  const command = `${connect} $(sed -n 's/.*127.0.0.1:\\([0-9]*\\).*/\\1/p' "$CODEX_HOME/config.toml") && echo reached || echo refused`
  expect((await runCommand(command, network)).output.trim()).toBe(expected)
})

test('a login that codex renews reaches its user through the link', async () => {
  world = await openCodexWorld({})
  const auth = join(world.environment['HOME'] ?? '', '.codex/auth.json')
  await writeFile(auth, JSON.stringify({ OPENAI_API_KEY: 'sk-old-0123456789abcdef0123' }))
  const { session } = await openDriver({ target, world, key: 'login' })
  const linked = join(world.stateDir, 'codex/auth.json')
  expect(await readFile(linked, 'utf8')).toBe(await readFile(auth, 'utf8'))
  await session.close()
  const { execFileSync } = await import('node:child_process')
  const env = { ...world.environment, CODEX_HOME: join(world.stateDir, 'codex'), TMPDIR: join(world.stateDir, 'tmp') }
  execFileSync('codex', ['login', '--with-api-key'], {
    env,
    input: 'sk-new-0123456789abcdef0123\n',
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  expect(await readFile(auth, 'utf8')).toContain('sk-new')
})

test.each([
  ['its own sandbox alone reads', 'none', 'open'],
  ['ours around its own does not read', 'auto', 'shut'],
] as const)('a command of codex in %s keys of its user, our token, other runs and the database', async (_, sandbox, expected) => {
  await using placed = await placeSecrets()
  const steps: readonly ModelStep[] = [{ tools: [{ kind: 'command', command: placed.attempt }] }, { text: 'Ran.' }]
  world = await openCodexWorld({ special: steps })
  const backend = createCodexBackend({ environment: { ...world.environment, ...placed.environment }, sandbox })
  const { events, turn } = await openDriver({ target, world, key: 'special', backend })
  expect(await turn({ key: 't1', prompt: '[scenario:special]' })).toMatchObject({ status: 'completed' })
  const end = events.find((event) => event.type === 'tool-end')
  expect(end?.type === 'tool-end' ? end.output.trim().split('\n') : end).toEqual(Array(4).fill(expected))
})
