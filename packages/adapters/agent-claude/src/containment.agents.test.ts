import { join } from 'node:path'
import type { AgentEvent } from '@coxswain/agents'
import { openDriver, type ConformanceWorld } from '@coxswain/agents/testing'
import { placeSecrets, type ModelStep } from '@coxswain/testing'
import { afterEach, expect, test } from 'vitest'
import { createClaudeBackend } from './create-claude-backend.ts'
import { claudeTarget as target, openClaudeWorld } from './testing/claude-target.ts'

let world: ConformanceWorld
afterEach(() => world.dispose())

/** Has Claude run one command in bubblewrap and returns how it ended. */
async function runCommand(command: string): Promise<Extract<AgentEvent, { type: 'tool-end' }>> {
  const steps: readonly ModelStep[] = [{ tools: [{ kind: 'command', command }] }, { text: 'Ran.' }]
  world = await openClaudeWorld({ special: steps })
  const { events, approvals, turn } = await openDriver({ target, world, key: 'special' })
  expect(await turn({ key: 't1', prompt: '[scenario:special]' })).toMatchObject({ status: 'completed' })
  expect(approvals).toEqual([])
  const end = events.find((event) => event.type === 'tool-end')
  if (end?.type !== 'tool-end') throw new Error('the command did not run')
  return end
}

test('a command can write in the worktree and the session’s own folders, nowhere else', async () => {
  const places = ['inside.txt', '"$TMPDIR/inside"', '.git/config', '/etc/cox-outside', '/opt/cox-outside']
  const attempts = places.map((place) => `(echo x >> ${place}) 2>/dev/null && echo yes || echo no`)
  // The world lies in the temporary folder: private to the sandbox, or read-only where the program itself lies there.
  const { output } = await runCommand(`${attempts.join('; ')}; (echo x >> ../beside.txt) 2>/dev/null || true`)
  expect(output.trim().split('\n')).toEqual(['yes', 'yes', 'no', 'no', 'no'])
  expect(await world.readFile('../beside.txt')).toBeNull()
})

test('a command lives in the session’s own home and does not see the keys that Claude needs', async () => {
  const { output } = await runCommand('env')
  expect(output).toContain(`HOME=${join(world.stateDir, 'home')}\n`)
  expect(output).not.toContain('sk-ant-')
})

test('a subscription that is used up says until when', async () => {
  world = await openClaudeWorld({}, { CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-scripted-0123456789', ANTHROPIC_API_KEY: '' })
  const { turn } = await openDriver({ target, world, key: 'subscription' })
  expect(await turn({ key: 't1', prompt: target.scenarioPrompt('failure-usage-limit') })).toMatchObject({
    status: 'failed',
    failure: { kind: 'usage-limit', resetAt: 4_102_444_800_000 },
  })
})

test.each([
  ['without a sandbox reads', 'none', 'open'],
  ['in ours does not read', 'auto', 'shut'],
] as const)('a command of claude %s keys of its user, our token, other runs and the database', async (_, sandbox, expected) => {
  await using placed = await placeSecrets()
  const steps: readonly ModelStep[] = [{ tools: [{ kind: 'command', command: placed.attempt }] }, { text: 'Ran.' }]
  world = await openClaudeWorld({ special: steps })
  const backend = createClaudeBackend({ environment: { ...world.environment, ...placed.environment }, sandbox })
  const { events, turn } = await openDriver({ target, world, key: 'special', backend, decision: 'accept' })
  expect(await turn({ key: 't1', prompt: '[scenario:special]' })).toMatchObject({ status: 'completed' })
  const end = events.find((event) => event.type === 'tool-end')
  expect(end?.type === 'tool-end' ? end.output.trim().split('\n') : end).toEqual(Array(4).fill(expected))
})
