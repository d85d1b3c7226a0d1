import { isCoxError } from '@coxswain/kernel'
import { expect } from 'vitest'
import type { CaseBody, CaseContext } from './agent-conformance.ts'
import type { ClientRequest, ConformanceTarget } from './target.ts'
import { openDriver, type SessionDriver } from './session-driver.ts'
import { ofType, requestTexts } from './turn-cases.ts'

/** What survives: a new process, a killed client, a killed agent. */
export const durableCases = {
  resume: async ({ target, world }) => {
    const first = await openDriver({ target, world, key: 'resume-1' })
    await first.turn({ key: 't1', prompt: target.scenarioPrompt('edit') })
    const { resumeToken } = first.session
    expect(resumeToken).toEqual(expect.any(String))
    await first.session.close()
    const second = await openDriver({ target, world, key: 'resume-2', resumeToken })
    expect(second.session.resumeToken).toBe(resumeToken)
    const result = await second.turn({ key: 't2', prompt: target.scenarioPrompt('second-turn') })
    expect(result).toMatchObject({ status: 'completed', message: 'Second.' })
    expect(requestTexts(world, 'second-turn')).toEqual([expect.stringContaining('Edited.')])
  },

  'reattach-live': async (context) => {
    const { target, world } = context
    await killHoldingClient(context)
    const { events, turn, waitForEvent } = await openDriver({ target, world, key: 'reattach' })
    const result = turn({ key: 't1', prompt: target.scenarioPrompt('hold') })
    await waitForEvent('message-delta')
    world.model?.release('hold')
    expect(await result).toMatchObject({ status: 'completed', message: 'half done.' })
    expect(ofType(events, 'message').map((event) => event.text)).toEqual(['half done.'])
    expect(requestTexts(world, 'hold')).toHaveLength(1)
  },

  // Killed before the program had even introduced itself.
  'reattach-early': async ({ target, world }) => {
    const client = await world.startClient(clientRequest(target))
    await client.waitForProcess()
    await client.kill()
    const { turn, waitForEvent } = await openDriver({ target, world, key: 'reattach' })
    const result = turn({ key: 't1', prompt: target.scenarioPrompt('hold') })
    await waitForEvent('message-delta')
    world.model?.release('hold')
    expect(await result).toMatchObject({ status: 'completed', message: 'half done.' })
    expect(requestTexts(world, 'hold')).toHaveLength(1)
  },

  'reattach-finished': async (context) => {
    const { target, world } = context
    await killHoldingClient(context)
    world.model?.release('hold')
    const { session, turn } = await openDriver({ target, world, key: 'reattach' })
    const result = await turn({ key: 't1', prompt: target.scenarioPrompt('hold') })
    expect(result).toMatchObject({ status: 'completed', message: 'half done.' })
    await session.detach()
    const third = await openDriver({ target, world, key: 'reattach' })
    expect(await third.turn({ key: 't1', prompt: target.scenarioPrompt('hold') })).toEqual(result)
    expect(requestTexts(world, 'hold')).toHaveLength(1)
    expect(await third.turn({ key: 't2', prompt: target.scenarioPrompt('second-turn') })).toMatchObject({ message: 'Second.' })
  },

  // On another machine, or after a crash before anything was written down.
  'resume-unknown': async ({ target, world }) => {
    const resumeToken = 'b3f0c7a2-6f2e-4a51-9c7d-2f6b1f1d9e10'
    await expect(openDriver({ target, world, key: 'unknown-1', resumeToken })).rejects.toMatchObject({
      code: 'AGENT_RESUME_FAILED',
    })
    expect(await world.processes()).toEqual([])
    const fresh = await openDriver({ target, world, key: 'unknown-2' })
    expect(await fresh.turn({ key: 't1', prompt: target.scenarioPrompt('second-turn') })).toMatchObject({ message: 'Second.' })
  },

  crash: async (context) => {
    const { target, world } = context
    const first = await openDriver({ target, world, key: 'crash-1' })
    const result = first.turn({ key: 't1', prompt: target.scenarioPrompt('hold') })
    await first.waitForEvent('message-delta')
    await world.killProcesses()
    expect(await result).toMatchObject({ status: 'failed', failure: { kind: 'crashed' } })
    await first.session.close()
    const again = await goOnAfterCrash(context, first.session.resumeToken)
    expect(await again.turn({ key: 't2', prompt: target.scenarioPrompt('second-turn') })).toMatchObject({
      status: 'completed',
      message: 'Second.',
    })
  },
} satisfies Record<string, CaseBody>

/** A program that was killed in its first turn may have written nothing down yet; then it must say so, and nothing else. */
async function goOnAfterCrash({ target, world }: CaseContext, resumeToken: string | null): Promise<SessionDriver> {
  try {
    return await openDriver({ target, world, key: 'crash-2', resumeToken })
  } catch (error) {
    if (!isCoxError(error, 'AGENT_RESUME_FAILED')) throw error
    return openDriver({ target, world, key: 'crash-3' })
  }
}

/** Leaves a turn under way whose client was killed with -9 in the middle of an answer. */
async function killHoldingClient({ target, world }: CaseContext): Promise<void> {
  const client = await world.startClient(clientRequest(target))
  await client.waitForEvent('message-delta')
  await client.kill()
}

function clientRequest(target: ConformanceTarget): ClientRequest {
  const prompt = target.scenarioPrompt('hold')
  return { backendModule: target.backendModule, sessionKey: 'reattach', turnKey: 't1', model: target.model, prompt }
}
