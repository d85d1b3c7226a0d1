import { randomUUID } from 'node:crypto'
import { systemClock } from '@coxswain/host'
import {
  CoxError,
  instant,
  milliseconds,
  minutes,
  seconds,
  sleep,
  type Clock,
  type LogFields,
  type Logger,
} from '@coxswain/kernel'
import { startTestPostgres, type TestPostgres } from '@coxswain/store/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createEngine } from './create-engine.ts'
import type { Engine, EngineOptions, WorkflowContext } from './engine.ts'

let postgres: TestPostgres
let repository: string
beforeAll(async () => {
  postgres = await startTestPostgres()
})
afterAll(() => postgres[Symbol.asyncDispose]())
beforeEach(() => {
  repository = randomUUID()
  logged.length = 0
})

const never = new AbortController().signal
const logged: string[] = []
const log = (message: string, fields?: LogFields): void => void logged.push(`${message} ${JSON.stringify(fields ?? {})}`)
const logger: Logger = { debug() {}, info: log, warn: log, error: log }

function options(changes: Partial<EngineOptions> = {}): EngineOptions {
  return { url: postgres.url, repository, worker: 'w1', version: '1', clock: systemClock, logger, ...changes }
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await sleep(5)
}

/** An engine with the given bodies, shut down at the end of the test's block. */
async function launched(
  bodies: Parameters<Engine['register']>[1][],
  changes: Partial<EngineOptions> = {},
): Promise<Engine & AsyncDisposable> {
  const engine = await createEngine(options(changes))
  for (const [index, body] of bodies.entries()) engine.register(`body-${index}`, body)
  await engine.launch()
  return { ...engine, [Symbol.asyncDispose]: () => engine.shutdown() }
}

test('a workflow runs its steps once and ends with its result', async () => {
  const ran: string[] = []
  await using engine = await launched([
    async (context, input) => {
      const one = await context.step('one', async () => (ran.push('one'), { n: 1, none: undefined }))
      const two = await context.step('two', async () => void ran.push('two'))
      return { id: context.id, input, one, two }
    },
  ])
  expect(await engine.status('a')).toBe('unknown')
  await engine.start('body-0', 'a', { text: 'x' })
  await engine.start('body-0', 'a', { text: 'ignored' })
  expect(await engine.result('a', never)).toEqual({ id: 'a', input: { text: 'x' }, one: { n: 1 }, two: undefined })
  await engine.start('body-0', 'a', { text: 'ignored' })
  expect([await engine.status('a'), await engine.unfinished(), ran]).toEqual(['done', [], ['one', 'two']])
  expect(logged).toEqual([])
})

test('what a step throws is what its body catches, and what a body throws is what waits for it', async () => {
  const failure = new CoxError('GATE_MISSING', 'No gate', { hint: 'Add one.', data: { gate: 'test' } })
  await using engine = await launched([
    async (context) =>
      context
        .step('fails', () => Promise.reject(failure))
        .catch((error: unknown) => String(error instanceof CoxError && error.code)),
    async (context) => context.step('fails', () => Promise.reject(failure)),
    async (context) => context.step('fails', () => Promise.reject(new TypeError('a bug'))),
  ])
  for (const index of [0, 1, 2]) await engine.start(`body-${index}`, `w${index}`, null)
  expect(await engine.result('w0', never)).toBe('GATE_MISSING')
  const thrown = await engine.result('w1', never).catch((error: unknown) => error)
  expect(thrown).toBeInstanceOf(CoxError)
  expect(thrown).toMatchObject(failure.toJSON())
  await expect(engine.result('w2', never)).rejects.toMatchObject({ name: 'TypeError', message: 'a bug' })
  expect(await Promise.all(['w0', 'w1', 'w2'].map((id) => engine.status(id)))).toEqual(['done', 'failed', 'failed'])
})

test('steps that run side by side each keep their own result', async () => {
  await using engine = await launched([
    (context) => Promise.all([3, 1, 2].map((n) => context.step(`step-${n}`, async () => (await sleep(n * 5), n)))),
  ])
  await engine.start('body-0', 'a', null)
  expect(await engine.result('a', never)).toEqual([3, 1, 2])
})

test('cancelling reaches the signal of the running step, and ends the workflow', async () => {
  let isRunning = false
  const reasons: unknown[] = []
  const after: string[] = []
  await using engine = await launched([
    async (context) => {
      await context.step('long', (signal) => {
        isRunning = true
        return systemClock.sleep(minutes(10), signal).catch((reason: unknown) => void reasons.push(reason))
      })
      await context.step('next', async () => void after.push('next'))
    },
  ])
  await engine.start('body-0', 'a', null)
  await until(() => isRunning)
  await engine.cancel('a')
  await expect(engine.result('a', never)).rejects.toMatchObject({ code: 'WORKFLOW_CANCELLED', data: { id: 'a' } })
  await until(() => reasons.length > 0)
  expect(reasons).toMatchObject([{ code: 'WORKFLOW_CANCELLED' }])
  expect([await engine.status('a'), await engine.unfinished(), after]).toEqual(['cancelled', [], []])
  expect(logged).toEqual([])
})

test('a shut down engine leaves workflows unfinished; the next launch goes on without repeating a step', async () => {
  const ran: string[] = []
  const caught: unknown[] = []
  const body: Parameters<Engine['register']>[1] = async (context) => {
    try {
      await context.step('one', async () => void ran.push('one'))
      await context.step('two', async (signal) => {
        ran.push('two')
        if (ran.length === 2) await systemClock.sleep(minutes(10), signal)
      })
      return ran.length
    } catch (error) {
      caught.push(error)
      throw error
    } finally {
      ran.push('finally')
    }
  }
  const first = await launched([body])
  await first.start('body-0', 'a', null)
  await until(() => ran.length === 2)
  await first.shutdown()
  await using second = await launched([body])
  expect(await second.result('a', never)).toBe(3)
  expect([ran, caught]).toEqual([['one', 'two', 'two', 'finally'], []])
  expect(logged).toEqual([])
})

test('a repeated part runs again after a restart, and what it throws reaches the body', async () => {
  const ran: string[] = []
  const body: Parameters<Engine['register']>[1] = async (context) => {
    await context.repeat(async () => void ran.push('repeated'))
    await context.step('one', async (signal) => {
      ran.push('one')
      if (ran.length === 2) await systemClock.sleep(minutes(10), signal)
    })
    return context.repeat(() => Promise.reject(new CoxError('TIDY_FAILED', 'It failed', { hint: 'Look.' })))
  }
  const first = await launched([body])
  await first.start('body-0', 'a', null)
  await until(() => ran.length === 2)
  await first.shutdown()
  await using second = await launched([body])
  await expect(second.result('a', never)).rejects.toMatchObject({ code: 'TIDY_FAILED', hint: 'Look.' })
  expect(ran).toEqual(['repeated', 'one', 'repeated', 'one'])
})

test('a sleep ends when it was meant to, however long the process was away', async () => {
  const asked: number[] = []
  let now = 1_000_000
  /** Passes no time by itself; waits of the engine itself are short and real. */
  const clock: Clock = {
    now: () => instant(now),
    sleep: async (duration, signal) => {
      if (duration <= seconds(60)) return systemClock.sleep(duration, signal)
      asked.push(duration)
      if (asked.length === 1) return systemClock.sleep(duration, signal)
      now += duration
    },
  }
  const body: Parameters<Engine['register']>[1] = async (context) => {
    await context.sleep(minutes(10))
    return now
  }
  const first = await launched([body], { clock })
  await first.start('body-0', 'a', null)
  await until(() => asked.length === 1)
  await first.shutdown()
  now += minutes(4)
  await using second = await launched([body], { clock })
  expect(await second.result('a', never)).toBe(1_000_000 + minutes(10))
  expect(asked).toEqual([minutes(10), minutes(6)])
})

test('old workflows keep the old code of a patched place, new ones take the new', async () => {
  const seen: string[] = []
  let isHeld = false
  const oldBody: Parameters<Engine['register']>[1] = async (context) => {
    await context.step('a', async () => 1)
    await context.step('hold', (signal) => {
      isHeld = true
      return systemClock.sleep(minutes(10), signal)
    })
  }
  const newBody: Parameters<Engine['register']>[1] = async (context) => {
    const isNew = await context.patched('extra-step')
    seen.push(`${context.id} ${isNew}`)
    if (isNew) await context.step('extra', async () => 0)
    await context.step('a', async () => 1)
    await context.step('hold', async () => {})
  }
  const first = await launched([oldBody])
  await first.start('body-0', 'old', null)
  await until(() => isHeld)
  await first.shutdown()
  await using second = await launched([newBody])
  await second.start('body-0', 'new', null)
  await Promise.all([second.result('new', never), second.result('old', never)])
  expect(seen.toSorted()).toEqual(['new true', 'old false'])
})

test('a server that is killed and comes back costs a workflow time, not an error', async () => {
  const ran: number[] = []
  await using engine = await launched([
    async (context) => {
      for (const n of [1, 2, 3, 4, 5, 6]) {
        await context.step(`step-${n}`, async () => {
          ran.push(n)
          if (n === 2 || n === 4) postgres.kill()
          if (n === 4) await postgres.restart()
        })
      }
      return ran.length
    },
  ])
  await engine.start('body-0', 'a', null)
  await until(() => ran.at(-1) === 2)
  await postgres.restart()
  expect(await engine.result('a', never)).toBe(6)
  expect(ran).toEqual([1, 2, 3, 4, 5, 6])
})

test('a process has one engine at a time', async () => {
  await using _engine = await launched([])
  await expect(createEngine(options())).rejects.toMatchObject({ code: 'ENGINE_TAKEN' })
})

test('an unknown workflow, a wait that is given up and an unknown name say so', async () => {
  await using engine = await launched([(context) => context.step('long', (signal) => systemClock.sleep(minutes(10), signal))])
  await expect(engine.result('nothing', never)).rejects.toMatchObject({ code: 'WORKFLOW_UNKNOWN' })
  await expect(engine.start('no-such', 'x', null)).rejects.toThrow('workflow "no-such" is not registered')
  await engine.start('body-0', 'a', null)
  const stop = new AbortController()
  const waiting = engine.result('a', stop.signal)
  stop.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
})

test('repositories on one database do not see each other', async () => {
  const first = await launched([async () => 'first'])
  await first.start('body-0', 'a', null)
  expect(await first.result('a', never)).toBe('first')
  await first.shutdown()
  await using second = await launched([async () => 'second'], { repository: randomUUID() })
  expect([await second.status('a'), await second.unfinished()]).toEqual(['unknown', []])
  await second.start('body-0', 'a', null)
  expect(await second.result('a', never)).toBe('second')
})

test('a server that does not answer at launch is an error, after which another engine may start', async () => {
  const url = postgres.url.replace('socket', 'nowhere')
  const engine = await createEngine(options({ url, patience: milliseconds(200) }))
  await expect(engine.launch()).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' })
  await engine.shutdown()
  await using next = await launched([async () => 1])
  await next.start('body-0', 'a', null)
  expect(await next.result('a', never)).toBe(1)
})

test('a step that gives its workflow up records nothing, and the worker that starts it goes on with it', async () => {
  const ran: string[] = []
  await using engine = await launched([
    async (context) => {
      await context.step('first', async () => void ran.push('first'))
      await context.step('second', async () => {
        ran.push('second')
        if (ran.length === 2) throw new CoxError('WORKFLOW_TAKEN', 'It is not ours', { hint: 'Leave it.' })
      })
      return ran.length
    },
  ])
  await engine.start('body-0', 'a', null)
  await until(() => ran.length === 2)
  await sleep(50)
  expect(await engine.status('a')).toBe('running')
  await engine.start('body-0', 'a', null)
  expect([await engine.result('a', never), ran]).toEqual([3, ['first', 'second', 'second']])
})

test('a workflow that another worker began goes on where it is started again', async () => {
  const began: string[] = []
  const body = async (context: WorkflowContext): Promise<string> => {
    await context.step('once', async () => void began.push('once'))
    await context.step('held', async (signal) => {
      began.push('held')
      if (began.length === 2) await systemClock.sleep(minutes(5), signal)
    })
    return 'done'
  }
  {
    await using first = await launched([body])
    await first.start('body-0', 'a', null)
    await until(() => began.length === 2)
  }
  await using second = await launched([body], { worker: 'w2' })
  expect(began).toEqual(['once', 'held'])
  await second.start('body-0', 'a', null)
  expect([await second.result('a', never), began]).toEqual(['done', ['once', 'held', 'held']])
})
