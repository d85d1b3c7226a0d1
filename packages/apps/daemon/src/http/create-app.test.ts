import type { Actor, RunId } from '@coxswain/model'
import { firstProgress } from '@coxswain/runs'
import { newRun, newTask } from '@coxswain/store/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApp } from './create-app.ts'
import { holderOf } from './credentials.ts'
import { rights } from './rights.ts'
import { openTestContext, type TestContext } from './testing/open-test-context.ts'

let opened: TestContext
let appOnLoopback: ReturnType<typeof createApp>
let appOfRun: ReturnType<typeof createApp>
let own: RunId
let other: RunId
beforeAll(async () => {
  opened = await openTestContext()
  const task = await opened.context.store.tasks.add(newTask({ agent: 'rewriter' }))
  const add = async (): Promise<RunId> =>
    (await opened.context.store.runs.create(newRun(task.id, { agent: 'rewriter', progress: firstProgress(false) }))).id
  own = await add()
  other = await add()
  const { context } = opened
  appOnLoopback = createApp(context, ({ req }) => holderOf(req.header('authorization'), context.credentials))
  appOfRun = createApp(context, () => ({ kind: 'run', run: own }))
})
afterAll(() => opened[Symbol.asyncDispose]())

interface Ask {
  readonly as?: Actor['kind'] | null
  readonly headers?: Readonly<Record<string, string>>
  readonly method?: string
  readonly body?: string | ReadableStream
}

/** As a request comes in: a person and a worker say who they are by their token, the agent of a run by its socket. */
async function ask(path: string, { as = 'person', headers = {}, method = 'GET', body }: Ask = {}): Promise<Response> {
  const { context } = opened
  const app = as === 'run' ? appOfRun : appOnLoopback
  const token = context.credentials.find(({ actor }) => actor.kind === as)?.token
  return app.request(path, {
    method,
    headers: { host: '127.0.0.1:1', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers },
    ...(body === undefined ? {} : { body, duplex: 'half' }),
  })
}

async function codeOf(response: Response): Promise<string> {
  const { error } = (await response.json()) as { error?: { code: string } }
  return `${response.status} ${error?.code ?? ''}`.trim()
}

describe('rights', () => {
  /** Written down a second time, by hand. */
  const allowed: Readonly<Record<string, string>> = {
    'GET /v1/status': 'person worker',
    'POST /v1/shutdown': 'person',
    'POST /v1/tasks': 'person',
    'GET /v1/tasks': 'person worker',
    'GET /v1/tasks/:task': 'person worker',
    'POST /v1/tasks/:task/cancel': 'person',
    'GET /v1/runs': 'person worker',
    'GET /v1/runs/:run': 'person worker run',
    'GET /v1/runs/:run/diff': 'person worker run',
    'POST /v1/runs/:run/interventions': 'person',
    'POST /v1/runs/:run/questions': 'run',
    'GET /v1/events': 'person worker run',
    'GET /v1/events/stream': 'person worker run',
    'GET /v1/presence': 'person',
    'POST /v1/clean': 'person',
  }

  test('are written for every route, and every route has them', () => {
    const app = createApp(opened.context, () => null)
    const routes = app.routes.filter(({ path }) => path !== '/*').map(({ method, path }) => `${method} ${path}`)
    expect(routes.toSorted()).toEqual(Object.keys(rights).toSorted())
    expect(Object.keys(allowed).toSorted()).toEqual(Object.keys(rights).toSorted())
  })

  for (const [route, kinds] of Object.entries(allowed))
    for (const as of ['person', 'worker', 'run'] as const)
      test(`${as} · ${route}: ${kinds.includes(as) ? 'yes' : 'no'}`, async () => {
        const [method = '', pattern = ''] = route.split(' ')
        const path = pattern.replace(':run', own).replace(':task', 't1')
        const query = pattern.startsWith('/v1/events') ? `?run=${own}` : ''
        const response = await ask(`${path}${query}`, { as, method, ...(method === 'POST' ? { body: '[]' } : {}) })
        if (kinds.includes(as)) expect([401, 403, 404]).not.toContain(response.status)
        else expect(await codeOf(response)).toBe('403 ACT_NOT_ALLOWED')
        await response.body?.cancel().catch(() => {})
      })

  test('of a run end at its own run, however its path is written', async () => {
    for (const path of [
      `/v1/runs/${other}`,
      `/v1/runs/${other}/diff`,
      `/v1/events?run=${other}`,
      `/v1/events`,
      `/v1/events/stream`,
      `/v1/events?run=${own}&run=${other}`.replace(`run=${own}&`, ''),
      `/v1/runs/%72${other.slice(1)}`,
    ])
      expect([path, (await ask(path, { as: 'run' })).status]).toEqual([path, 403])
    const events = (await (await ask(`/v1/events?run=${own}&run=${other}`, { as: 'run' })).json()) as {
      events: { run: string }[]
    }
    expect(new Set(events.events.map(({ run }) => run))).toEqual(new Set([own]))
    const question = { as: 'run', method: 'POST', body: JSON.stringify({ text: 'why?' }) } as const
    expect((await ask(`/v1/runs/${other}/questions`, question)).status).toBe(403)
  })

  test('of a run do not grow by what it writes: a task with mayLand, an approval of itself, an actor in the body', async () => {
    const body = JSON.stringify({ text: 'land it', mayLand: true })
    expect((await ask('/v1/tasks', { as: 'run', method: 'POST', body })).status).toBe(403)
    const approval = JSON.stringify({ kind: 'approve', actor: { kind: 'person', name: 'ann' } })
    expect((await ask(`/v1/runs/${own}/interventions`, { as: 'run', method: 'POST', body: approval })).status).toBe(403)
    expect(await codeOf(await ask(`/v1/runs/${own}/interventions`, { method: 'POST', body: approval }))).toBe(
      '400 REQUEST_INVALID',
    )
  })
})

describe('who asks', () => {
  test('is refused without a token, with a wrong one, a shorter, a longer, and with the word alone', async () => {
    const right = opened.context.credentials[0]?.token ?? ''
    for (const authorization of [
      '',
      'Bearer',
      'Bearer ',
      right,
      `Bearer ${right}x`,
      `Bearer ${right.slice(0, -1)}`,
      `Basic ${right}`,
      `bearer ${right}`,
    ])
      expect([authorization, await codeOf(await ask('/v1/status', { as: null, headers: { authorization } }))]).toEqual([
        authorization,
        '401 UNAUTHORIZED',
      ])
    expect(await codeOf(await ask('/v1/nowhere', { as: null }))).toBe('401 UNAUTHORIZED')
    expect((await ask('/v1/status')).status).toBe(200)
  })

  test('comes from this machine, by a name of it, and from no page of another origin', async () => {
    for (const headers of [
      { host: 'evil.example' },
      { host: '127.0.0.1.evil.example' },
      { host: 'localhost.evil.example:80' },
      { host: '' },
      { origin: 'http://evil.example' },
      { origin: 'null' },
      { origin: 'https://localhost' },
      { origin: 'http://127.0.0.1.evil.example' },
    ])
      expect([headers, await codeOf(await ask('/v1/status', { headers }))]).toEqual([headers, '403 FORBIDDEN'])
    for (const headers of [{ host: 'localhost:4' }, { host: '[::1]:4' }, { origin: 'http://localhost:4' }])
      expect((await ask('/v1/status', { headers })).status).toBe(200)
  })

  test('is written down with what was asked', async () => {
    const added = await ask('/v1/tasks', { method: 'POST', body: JSON.stringify({ text: 'Tidy', agent: 'rewriter' }) })
    const { runs } = (await added.json()) as { runs: { id: RunId }[] }
    const id = runs[0]?.id ?? own
    await ask(`/v1/runs/${id}/interventions`, { method: 'POST', body: JSON.stringify({ kind: 'pause' }) })
    const { events } = (await (await ask('/v1/events?limit=1000')).json()) as {
      events: { name: string; run: string; data: { actor?: unknown } }[]
    }
    const ann = { kind: 'person', name: 'ann' }
    expect(events.findLast(({ name }) => name === 'task-added')?.data.actor).toEqual(ann)
    expect(events.filter(({ run }) => run === id).map(({ name, data }) => [name, data.actor])).toEqual([
      ['run-created', undefined],
      ['intervention-added', ann],
      ['run-paused', ann],
    ])
  })
})

describe('what is asked', () => {
  test.each([
    ['POST', '/v1/tasks', ''],
    ['POST', '/v1/tasks', '{'],
    ['POST', '/v1/tasks', '[]'],
    ['POST', '/v1/tasks', 'null'],
    ['POST', '/v1/tasks', '{"text":""}'],
    ['POST', '/v1/tasks', '{"text":"x","admin":true}'],
    ['POST', '/v1/tasks', '{"text":"x","budget":{"tokens":"many"}}'],
    ['POST', '/v1/clean', '{"isDryRun":1}'],
    ['GET', '/v1/events?after=-1', undefined],
    ['GET', '/v1/events?run=x', undefined],
    ['GET', '/v1/events?limit=0', undefined],
    ['GET', '/v1/events/stream?after=x', undefined],
  ])('%s %s %s is malformed', async (method, path, body) => {
    expect(await codeOf(await ask(path, { method, ...(body === undefined ? {} : { body }) }))).toBe('400 REQUEST_INVALID')
  })

  test('a body that is too large is refused before it is read, also one that does not say how large it is', async () => {
    const large = `{"text":"${'x'.repeat(3 * 1024 * 1024)}"}`
    const pieces = new ReadableStream({
      start(controller) {
        for (let piece = 0; piece < 48; piece += 1) controller.enqueue(new TextEncoder().encode('x'.repeat(64 * 1024)))
        controller.close()
      },
    })
    for (const body of [large, pieces])
      expect(
        await codeOf(
          await ask('/v1/tasks', {
            method: 'POST',
            body,
            headers: typeof body === 'string' ? { 'content-length': String(large.length) } : {},
          }),
        ),
      ).toBe('400 REQUEST_INVALID')
  })

  test.each([
    ['GET', '/v1/nowhere', '404 ROUTE_NOT_FOUND'],
    ['DELETE', '/v1/runs/r1', '404 ROUTE_NOT_FOUND'],
    ['GET', '/v1/runs/r1/', '404 ROUTE_NOT_FOUND'],
    ['GET', '/', '404 ROUTE_NOT_FOUND'],
    ['GET', '/v1/runs/r99', '404 RUN_NOT_FOUND'],
    ['GET', '/v1/runs/..%2f..', '404 RUN_NOT_FOUND'],
    ['GET', '/v1/tasks/t99', '404 TASK_NOT_FOUND'],
  ])('%s %s is not there', async (method, path, code) => {
    expect(await codeOf(await ask(path, { method }))).toBe(code)
    expect((await ask(path, { method, as: 'run' })).status).toBe(
      path.startsWith('/v1/runs/r99') || path.includes('%2f') || path.includes('t99') ? 403 : 404,
    )
  })

  test('a stream goes on after the last event that was received', async () => {
    const all = await opened.context.store.events.list({ run: own })
    const last = all.at(0)?.seq ?? 0
    await opened.context.store.events.append([{ name: 'run-waiting', run: own, data: { reason: 'later' } }])
    const response = await ask(`/v1/events/stream?run=${own}&after=0`, { headers: { 'last-event-id': String(last) } })
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    const { value = '' } = (await reader?.read()) ?? {}
    await reader?.cancel()
    expect(Number(/^id: (\d+)$/m.exec(value)?.[1])).toBeGreaterThan(last)
    expect(await codeOf(await ask('/v1/events/stream', { headers: { 'last-event-id': '1; drop' } }))).toBe('400 REQUEST_INVALID')
  })

  test('an agent may ask its person a number of questions, of which none is lost', async () => {
    const send = (): Promise<Response> =>
      ask(`/v1/runs/${own}/questions`, { as: 'run', method: 'POST', body: JSON.stringify({ text: 'Which?' }) })
    const answers = await Promise.all(Array.from({ length: 22 }, send))
    expect(answers.map(({ status }) => status).toSorted((left, right) => left - right)).toEqual([
      ...Array.from({ length: 20 }, () => 201),
      429,
      429,
    ])
    const asked = (await opened.context.store.events.list({ run: own })).filter(({ name }) => name === 'question-asked')
    expect(asked.map(({ data }) => data['number'])).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
    expect(asked[0]?.data).toEqual({ number: 1, text: 'Which?', actor: { kind: 'run', run: own } })
  })
})
