import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@coxswain/host'
import { minutes, silentLogger, sleep, type Logger } from '@coxswain/kernel'
import { startEmbeddedPostgres } from '@coxswain/store'
import { startOldCluster } from '@coxswain/store/testing'
import { expect, test } from 'vitest'
import { createEngine } from './create-engine.ts'
import type { Engine } from './engine.ts'

const never = new AbortController().signal

test('a workflow of a cluster whose one role needed no password goes on as the role that owns the database alone', async () => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'cox-moved-')))
  const dataDir = join(folder, 'd')
  const ran: string[] = []
  const open = async (url: string, logger: Logger = silentLogger): Promise<Engine> => {
    const engine = await createEngine({ url, repository: 'shop', worker: 'w1', version: '1', clock: systemClock, logger })
    engine.register('body', async (context) => {
      await context.step('one', async () => void ran.push('one'))
      await context.step('two', async (signal) => {
        ran.push('two')
        if (ran.length === 2) await systemClock.sleep(minutes(10), signal)
      })
      return 'done'
    })
    await engine.launch()
    return engine
  }
  try {
    const before = await open(await startOldCluster(dataDir))
    await before.start('body', 'a', null)
    while (ran.length < 2) await sleep(10)
    await before.shutdown()
    const postgres = await startEmbeddedPostgres({ dataDir, signal: never })
    const said: string[] = []
    const say = (message: string): void => void said.push(message)
    const after = await open(postgres.url, { debug: say, info: say, warn: say, error: say })
    expect([await after.result('a', never), ran]).toEqual(['done', ['one', 'two', 'two']])
    await after.start('body', 'b', null)
    expect(await after.result('b', never)).toBe('done')
    await after.shutdown()
    expect(said.join('\n')).not.toContain(new URL(postgres.url).password)
    await postgres.stop()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
