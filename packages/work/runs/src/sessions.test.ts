import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AgentSession } from '@coxswain/agents'
import { attachDetached, identify, isSameAlive, readEnvironment, startDetached, stopDetachedBelow } from '@coxswain/host'
import { silentLogger as logger } from '@coxswain/kernel'
import type { RunId } from '@coxswain/model'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { endWork, letGo } from './sessions.ts'

const own = 'r1' as RunId
const other = 'r2' as RunId

let runsDir: string
beforeEach(async () => {
  runsDir = await mkdtemp(join(tmpdir(), 'cox-sessions-'))
})
afterEach(async () => {
  await stopDetachedBelow(runsDir)
  await rm(runsDir, { recursive: true, force: true })
})

/** A program of a run's conversation, as an earlier life of ours left it; whether it is alive. */
async function leaveProgram(run: RunId, command: readonly string[]): Promise<() => boolean> {
  const dir = join(runsDir, run, 'session-1', 'process')
  const options = { dir, key: 'k', command, cwd: runsDir, env: readEnvironment(), input: 'none' } as const
  const { pid } = (await startDetached(options)).identity
  const started = identify(pid)
  return () => started !== null && isSameAlive(started)
}

/** A conversation that this life holds; what is done with it. */
function holdIn(sessions: Map<string, AgentSession>, key: string): readonly string[] {
  const done: string[] = []
  const note = (deed: string) => async (): Promise<void> => void done.push(deed)
  sessions.set(key, { close: note('closed'), detach: note('let go') } as unknown as AgentSession)
  return done
}

test('the end of a run ends the programs that an earlier life left, also one that ignores SIGTERM, and those of no other run', async () => {
  const isAlive = await leaveProgram(own, ['sh', '-c', 'trap "" TERM; while :; do sleep 0.1; done'])
  const isOtherAlive = await leaveProgram(other, ['sleep', '600'])
  expect([isAlive(), isOtherAlive()]).toEqual([true, true])
  expect(await endWork(own, { sessions: new Map(), runsDir, logger })).toEqual([])
  expect([isAlive(), isOtherAlive()]).toEqual([false, true])
  expect((await attachDetached(join(runsDir, other, 'session-1', 'process')))?.isAlive()).toBe(true)
})

test('the end of a run closes its conversations, and a run that is let go keeps them going', async () => {
  const sessions = new Map<string, AgentSession>()
  const [first, second, others] = ['r1/1.1.0', 'r1/1.2.0', 'r2/1.1.0'].map((key) => holdIn(sessions, key))
  expect(await endWork(own, { sessions, runsDir, logger })).toEqual([])
  expect([first, second, others, [...sessions.keys()]]).toEqual([['closed'], ['closed'], [], ['r2/1.1.0']])
  await letGo(other, { sessions, logger })
  expect([others, sessions.size]).toEqual([['let go'], 0])
})
