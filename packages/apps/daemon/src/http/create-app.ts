import { CoxError, errorMessage, isCoxError, redact } from '@coxswain/kernel'
import type { Actor } from '@coxswain/model'
import type { Context, Hono, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { cleanRoutes } from './clean-routes.ts'
import { eventRoutes } from './event-routes.ts'
import type { DaemonContext } from './daemon-context.ts'
import { openDoor, type Asking } from './door.ts'
import { maxBytes, tooLarge } from './parse-body.ts'
import { presenceRoutes } from './presence-routes.ts'
import { questionRoutes } from './question-routes.ts'
import { nameOf } from './rights.ts'
import { runRoutes } from './run-routes.ts'
import { statusRoutes } from './status-routes.ts'
import { taskRoutes } from './task-routes.ts'

/** Says who asks; null is nobody that we know. */
export type Identify = (request: Context) => Actor | null

/** The daemon's protocol over HTTP: from this machine, not through a browser's other page, and only what the one who asks may ask. */
export function createApp(context: DaemonContext, identify: Identify): Hono<Asking> {
  const door = openDoor()
  const { app } = door
  app.use('*', fromThisMachine)
  app.use('*', async (request, next) => {
    const actor = identify(request)
    if (actor === null) return request.json(errorBody(unauthorized()), 401)
    request.set('actor', actor)
    // The agent of a run keeps no daemon from ending.
    if (actor.kind === 'run') return next()
    context.connections.opened()
    try {
      return await next()
    } finally {
      context.connections.closed()
    }
  })
  app.use('*', bodyLimit({ maxSize: maxBytes, onError: () => Promise.reject(tooLarge()) }))
  app.use('*', async (request, next) => {
    const isHarmless = request.req.method === 'GET' || request.req.path === '/v1/shutdown'
    if (context.problem !== null && !isHarmless) throw context.problem
    await next()
    const { method, path } = request.req
    if (method !== 'GET')
      context.logger.info('asked', { method, path, status: request.res.status, actor: nameOf(request.get('actor')) })
  })
  statusRoutes(door, context)
  taskRoutes(door, context)
  runRoutes(door, context)
  questionRoutes(door, context)
  eventRoutes(door, context)
  presenceRoutes(door, context)
  cleanRoutes(door, context)
  answerErrors(app, context)
  return app
}

function answerErrors(app: Hono<Asking>, { logger }: DaemonContext): void {
  app.notFound((request) =>
    request.json(
      errorBody(
        new CoxError('ROUTE_NOT_FOUND', `There is no ${request.req.method} ${request.req.path}`, {
          hint: 'Client and daemon may be of different versions: restart the daemon with `cox down` and `cox up`.',
        }),
      ),
      404,
    ),
  )
  app.onError((error, request) => {
    if (isCoxError(error)) return request.json(errorBody(error), statusOf(error.code))
    logger.error('request failed', { path: request.req.path, error: errorMessage(error), stack: error.stack })
    return request.json(
      errorBody(
        new CoxError('INTERNAL', redact(errorMessage(error)), {
          hint: "This is a bug of Coxswain: please report it with the daemon's log.",
        }),
      ),
      500,
    )
  })
}

const fromThisMachine: MiddlewareHandler<Asking> = async (request, next) => {
  const host = (request.req.header('host') ?? '').replace(/:\d+$/, '')
  const isLocal = host === '127.0.0.1' || host === 'localhost' || host === '[::1]'
  const origin = request.req.header('origin')
  if (isLocal && (origin === undefined || /^http:\/\/(?:127\.0\.0\.1|localhost)(?::\d+)?$/.test(origin))) return next()
  return request.json(
    errorBody(new CoxError('FORBIDDEN', 'Requests come from this machine only', { hint: 'Use the address in daemon.json.' })),
    403,
  )
}

function unauthorized(): CoxError {
  return new CoxError('UNAUTHORIZED', 'The token is missing or wrong', { hint: 'Read it from daemon.json in the state folder.' })
}

function errorBody(error: CoxError): {
  error: { code: string; message: string; hint: string; data: Readonly<Record<string, unknown>> }
} {
  return { error: error.toJSON() }
}

function statusOf(code: string): 400 | 403 | 404 | 409 | 429 | 503 {
  if (code === 'ACT_NOT_ALLOWED') return 403
  if (code === 'QUESTIONS_SPENT') return 429
  if (code.endsWith('_NOT_FOUND')) return 404
  if (code === 'INTERVENTION_REFUSED' || code === 'TASK_ENDED') return 409
  if (code.startsWith('DATABASE_')) return 503
  return 400
}
