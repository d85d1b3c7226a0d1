import { expect } from 'vitest'
import type { AgentEvent } from '../event.ts'
import { openDriver } from './session-driver.ts'
import type { CaseBody } from './agent-conformance.ts'

/** One turn: what it does to the worktree, tells on the way and returns. */
export const turnCases = {
  probe: async ({ target, world }) => {
    const backend = target.createBackend(world.environment)
    const probe = await backend.probe({ environment: world.environment, signal: new AbortController().signal })
    expect(probe).toMatchObject({ problems: [], version: expect.any(String) })
    expect(backend.name).toBe(target.name)
  },

  edit: async ({ target, world }) => {
    const { session, events, positions, turn } = await openDriver({ target, world, key: 'edit' })
    const result = await turn({ key: 't1', prompt: target.scenarioPrompt('edit') })
    expect({ status: result.status, failure: result.failure, usage: result.usage }).toEqual({
      status: 'completed',
      failure: null,
      usage: target.editUsage,
    })
    expect(await world.readFile('greeting.txt')).toBe('hello from the agent\n')
    expect(positions).toEqual([...new Set(positions)].toSorted((left, right) => left - right))
    expect(ofType(events, 'files-changed').flatMap((event) => event.paths)).toContain('greeting.txt')
    expect(openTools(events)).toEqual([])
    if (target.silent !== true) {
      expect(ofType(events, 'message').map((event) => event.text)).toEqual(['I change the greeting.', 'Edited.'])
      expect(result.message).toBe('Edited.')
      expect(ofType(events, 'usage').at(-1)).toMatchObject({ turn: result.usage, costUsd: result.costUsd })
    }
    expect(world.model?.misses ?? []).toEqual([])
    expect(session.sandbox).toBe(target.sandbox)
  },

  command: async ({ target, world }) => {
    const { events, turn } = await openDriver({ target, world, key: 'command', decision: 'accept' })
    const result = await turn({ key: 't1', prompt: target.scenarioPrompt('command') })
    expect(result).toMatchObject({ status: 'completed', message: 'Ran.' })
    const [start] = ofType(events, 'tool-start')
    const [end] = ofType(events, 'tool-end')
    expect(start).toMatchObject({ kind: 'command', title: expect.stringContaining('exit 3') })
    expect(end).toMatchObject({ toolId: start?.toolId, status: 'failed', exitCode: 3, output: expect.stringContaining('cox') })
  },

  'second-turn': async ({ target, world }) => {
    const { turn } = await openDriver({ target, world, key: 'second' })
    await turn({ key: 't1', prompt: target.scenarioPrompt('edit') })
    const second = await turn({ key: 't2', prompt: target.scenarioPrompt('second-turn') })
    expect(second).toMatchObject({ status: 'completed', message: 'Second.' })
    expect(second.usage).not.toEqual(target.editUsage)
    expect(requestTexts(world, 'second-turn')).toEqual([expect.stringContaining('Edited.')])
  },

  'repeat-turn': async ({ target, world }) => {
    const { turn } = await openDriver({ target, world, key: 'repeat' })
    const first = await turn({ key: 't1', prompt: target.scenarioPrompt('edit') })
    expect(await turn({ key: 't1', prompt: target.scenarioPrompt('edit') })).toEqual(first)
    expect(requestTexts(world, 'edit')).toHaveLength(2)
  },

  'recovering-failure': async ({ target, world }) => {
    const { events, turn } = await openDriver({ target, world, key: 'recovering' })
    const result = await turn({ key: 't1', prompt: target.scenarioPrompt('recovering-failure') })
    expect(result).toMatchObject({ status: 'completed', message: 'Recovered.' })
    expect(ofType(events, 'message').map((event) => event.text)).toEqual(['Recovered.'])
  },

  'huge-line': async ({ target, world }) => {
    const { events, turn } = await openDriver({ target, world, key: 'huge', decision: 'accept' })
    const result = await turn({ key: 't1', prompt: target.scenarioPrompt('huge-line') })
    expect({ status: result.status, length: result.message.length }).toEqual({ status: 'completed', length: 400_000 })
    for (const { output } of ofType(events, 'tool-end')) expect(output.length).toBeLessThanOrEqual(64 * 1024)
    expect(world.model?.misses ?? []).toEqual([])
  },
} satisfies Record<string, CaseBody>

export function ofType<T extends AgentEvent['type']>(events: readonly AgentEvent[], type: T): Extract<AgentEvent, { type: T }>[] {
  return events.filter((event): event is Extract<AgentEvent, { type: T }> => event.type === type)
}

export function requestTexts(world: Parameters<CaseBody>[0]['world'], scenario: string): string[] {
  return (world.model?.requests(scenario) ?? []).map((request) => request.text)
}

/** Tools that were started and never ended. */
function openTools(events: readonly AgentEvent[]): string[] {
  const ended = new Set(ofType(events, 'tool-end').map((event) => event.toolId))
  return ofType(events, 'tool-start')
    .map((event) => event.toolId)
    .filter((id) => !ended.has(id))
}
