import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { sleep } from '@coxswain/kernel'
import { expect, test } from 'vitest'
import { openWorld } from './open-world.ts'

test('the end of a world ends its processes, also one that still writes into its folder', async () => {
  const world = await openWorld({ template: join(import.meta.dirname, '../fixtures/repository'), script: {} })
  const writer = `for (;;) require('node:fs').writeFileSync('file' + Math.random(), '')`
  const child = spawn(process.execPath, ['--eval', writer], { cwd: world.dir, env: { ...world.environment }, stdio: 'ignore' })
  const ended = once(child, 'exit')
  while (world.processes().length === 0) await sleep(5)
  try {
    await world[Symbol.asyncDispose]()
    expect(existsSync(world.dir)).toBe(false)
    expect((await ended)[1]).toBe('SIGKILL')
  } finally {
    child.kill('SIGKILL')
  }
})
