import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { setUpHarness, users } from './real-agents.ts'
import { openWorldAt, until } from './world.ts'

/* Capabilities: R1, R2, A1, L1. The main job as a person types it, with the real agent programs: only the model is scripted. */

describe.concurrent.each(users)('$target.name', ({ target, variables }) => {
  test('lands a change: init, task add, up, show', async () => {
    const agent = await target.openWorld()
    try {
      await using world = openWorldAt({ root: join(agent.stateDir, 'cox'), repo: agent.worktree, env: agent.environment })
      world.git('config', 'user.name', 'Ann')
      world.git('config', 'user.email', 'ann@example.com')
      expect(await world.cox('init')).toMatchObject({ code: 0 })
      await setUpHarness(world, { agent: target.name, model: target.model, variables })
      world.commit('The harness')
      const base = world.git('rev-parse', 'HEAD')

      const task = await world.ask<{ run: { id: string } }>('task', 'add', target.scenarioPrompt('edit'), '--land')
      const up = world.start('up')
      await until(() => world.git('rev-parse', 'main') !== base, 'main has moved')
      await until(async () => (await world.ask<Shown>('show', task.run.id)).run.outcome === 'landed', 'the run has ended')
      up.kill('SIGINT')

      expect(world.git('show', '--format=', '--numstat', 'main')).toBe('1\t1\tgreeting.txt')
      expect(await world.read('greeting.txt')).toBe('hello from the agent\n')
      const { stdout } = await world.cox('show', task.run.id)
      for (const line of ['landed', 'I change the greeting.', 'greeted', 'greeting.txt']) expect(stdout).toContain(line)
      expect(agent.model?.requests('edit').map(({ step }) => step)).toEqual([0, 1])
      expect(agent.model?.misses).toEqual([])
    } finally {
      await agent.dispose()
    }
  })
})

interface Shown {
  readonly run: { readonly outcome: string | null }
}
