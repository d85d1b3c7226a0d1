import { expect } from 'vitest'
import type { CaseBody } from './agent-conformance.ts'
import type { ClientRequest, ConformanceTarget } from './target.ts'
import { openDriver } from './session-driver.ts'
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

  crash: async ({ target, world }) => {
    const first = await openDriver({ target, world, key: 'crash-1' })
    const result = first.turn({ key: 't1', prompt: target.scenarioPrompt('hold') })
    await first.waitForEvent('message-delta')
    await world.killProcesses()
    expect(await result).toMatchObject({ status: 'failed', failure: { kind: 'crashed' } })
    await first.session.close()
    const again = await openDriver({ target, world, key: 'crash-2', resumeToken: first.session.resumeToken })
    expect(await again.turn({ key: 't2', prompt: target.scenarioPrompt('second-turn') })).toMatchObject({
      status: 'completed',
      message: 'Second.',
    })
  },
} satisfies Record<string, CaseBody>

/** Leaves a turn under way whose client was killed with -9 in the middle of an answer. */
async function killHoldingClient({ target, world }: Parameters<CaseBody>[0]): Promise<void> {
  const client = await world.startClient(clientRequest(target))
  await client.waitForEvent('message-delta')
  await client.kill()
}

function clientRequest(target: ConformanceTarget): ClientRequest {
  const prompt = target.scenarioPrompt('hold')
  return { backendModule: target.backendModule, sessionKey: 'reattach', turnKey: 't1', model: target.model, prompt }
}
