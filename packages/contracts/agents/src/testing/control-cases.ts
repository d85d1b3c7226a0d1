import { milliseconds, seconds } from '@coxswain/kernel'
import { expect } from 'vitest'
import type { CaseBody } from './agent-conformance.ts'
import { openDriver } from './session-driver.ts'
import { ofType, requestTexts } from './turn-cases.ts'

/** What a person or a watchdog does to a turn under way. */
export const controlCases = {
  steer: async ({ target, world }) => {
    const { session, turn } = await openDriver({ target, world, key: 'steer', decision: 'accept' })
    expect(await session.steer('Too early.')).toBe(false)
    const result = turn({ key: 't1', prompt: target.scenarioPrompt('steer') })
    await world.model?.waitForRequest('steer', 0)
    expect(await session.steer('Mind the gap.')).toBe(true)
    world.model?.release('steer')
    expect(await result).toMatchObject({ status: 'completed', message: 'Steered.' })
    expect(requestTexts(world, 'steer').at(-1)).toContain('Mind the gap.')
    expect(await session.steer('Too late.')).toBe(false)
  },

  // Words that come while the last answer is being given are answered before the turn ends.
  'steer-last': async ({ target, world }) => {
    const { session, turn, waitForEvent } = await openDriver({ target, world, key: 'steer-last' })
    const result = turn({ key: 't1', prompt: target.scenarioPrompt('hold') })
    await waitForEvent('message-delta')
    expect(await session.steer(target.scenarioPrompt('second-turn'))).toBe(true)
    world.model?.release('hold')
    expect(await result).toMatchObject({ status: 'completed', message: 'Second.' })
    expect(requestTexts(world, 'second-turn')).toHaveLength(1)
  },

  interrupt: async ({ target, world }) => {
    const { session, turn, waitForEvent } = await openDriver({ target, world, key: 'interrupt' })
    const result = turn({ key: 't1', prompt: target.scenarioPrompt('hold') })
    await waitForEvent('message-delta')
    await session.interrupt()
    expect(await result).toMatchObject({ status: 'interrupted', failure: null })
    expect(await turn({ key: 't2', prompt: target.scenarioPrompt('second-turn') })).toMatchObject({
      status: 'completed',
      message: 'Second.',
    })
  },

  abort: async ({ target, world }) => {
    const { turn, waitForEvent } = await openDriver({ target, world, key: 'abort' })
    const stop = new AbortController()
    const result = turn({ key: 't1', prompt: target.scenarioPrompt('hold'), signal: stop.signal })
    await waitForEvent('message-delta')
    stop.abort()
    expect(await result).toMatchObject({ status: 'interrupted', failure: null })
    expect(requestTexts(world, 'hold')).toHaveLength(1)
  },

  silence: async ({ target, world }) => {
    const { session, turn } = await openDriver({ target, world, key: 'silence' })
    const result = await turn({ key: 't1', prompt: target.scenarioPrompt('silence'), idleLimit: milliseconds(1_500) })
    expect(result).toMatchObject({ status: 'failed', failure: { kind: 'stalled' } })
    await session.close()
    expect(await world.processes()).toEqual([])
  },

  'approve-accept': async ({ target, world }) => {
    const { events, approvals, turn } = await openDriver({ target, world, key: 'accept', decision: 'accept' })
    expect(await turn({ key: 't1', prompt: target.scenarioPrompt('approve-accept') })).toMatchObject({
      status: 'completed',
      message: 'Asked.',
    })
    expect(approvals).toEqual([
      { kind: 'command', title: expect.any(String), details: [expect.stringContaining('outside-accept.txt')] },
    ])
    expect(ofType(events, 'approval').map((event) => event.decision)).toEqual(['accept'])
    expect(await world.readFile('../outside-accept.txt')).toBe('approved')
  },

  'approve-decline': async ({ target, world }) => {
    const { events, approvals, turn } = await openDriver({ target, world, key: 'decline', decision: 'decline' })
    expect(await turn({ key: 't1', prompt: target.scenarioPrompt('approve-decline') })).toMatchObject({
      status: 'completed',
      message: 'Asked.',
    })
    expect(approvals).toHaveLength(1)
    expect(ofType(events, 'approval').map((event) => event.decision)).toEqual(['decline'])
    expect(ofType(events, 'tool-end').map((event) => event.status)).toEqual(['declined'])
    expect(await world.readFile('../outside-decline.txt')).toBeNull()
  },

  close: async ({ target, world }) => {
    const { session, turn, waitForEvent } = await openDriver({ target, world, key: 'close' })
    const result = turn({ key: 't1', prompt: target.scenarioPrompt('hold'), idleLimit: seconds(60) })
    await waitForEvent('message-delta')
    await session.close()
    expect((await result).status).not.toBe('completed')
    expect(await world.processes()).toEqual([])
  },

  'hostile-program': async ({ target, world }) => {
    if (target.createHostileBackend === undefined) throw new Error('the target has no hostile backend: declare the case off')
    const backend = await target.createHostileBackend(world)
    const { session, events, turn } = await openDriver({ target, world, key: 'hostile', backend })
    expect(await turn({ key: 't1', prompt: target.scenarioPrompt('edit') })).toMatchObject({
      status: 'completed',
      message: 'Edited.',
    })
    expect(ofType(events, 'warning').map((event) => event.message)).toEqual([expect.stringMatching(/not .*protocol/)])
    await session.close()
    expect(await world.processes()).toEqual([])
  },
} satisfies Record<string, CaseBody>
