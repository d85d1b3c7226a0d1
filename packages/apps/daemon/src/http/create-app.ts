import { timingSafeEqual } from 'node:crypto'
import { CoxError, errorMessage, isCoxError, redact } from '@coxswain/kernel'
import { Hono, type MiddlewareHandler } from 'hono'
import { cleanRoutes } from './clean-routes.ts'
import { eventRoutes } from './event-routes.ts'
import type { DaemonContext } from './daemon-context.ts'
import { presenceRoutes } from './presence-routes.ts'
import { runRoutes } from './run-routes.ts'
import { statusRoutes } from './status-routes.ts'
import { taskRoutes } from './task-routes.ts'

/** The daemon's protocol over HTTP. Only who holds the token, from this machine, not through a browser's other page. */
export function createApp(context: DaemonContext): Hono {
  const app = new Hono()
  app.use('*', guard(context.token))
  app.use('*', async (_, next) => {
    context.connections.opened()
    try {
      await next()
    } finally {
      context.connections.closed()
    }
  })
  app.use('*', async (request, next) => {
    const isHarmless = request.req.method === 'GET' || request.req.path === '/v1/shutdown'
    if (context.problem !== null && !isHarmless) throw context.problem
    await next()
  })
  app.route('/v1', statusRoutes(context))
  app.route('/v1', taskRoutes(context))
  app.route('/v1', runRoutes(context))
  app.route('/v1', eventRoutes(context))
  app.route('/v1', presenceRoutes(context))
  app.route('/v1', cleanRoutes(context))
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
    context.logger.error('request failed', { path: request.req.path, error: errorMessage(error), stack: error.stack })
    return request.json(
      errorBody(
        new CoxError('INTERNAL', redact(errorMessage(error)), {
          hint: "This is a bug of Coxswain: please report it with the daemon's log.",
        }),
      ),
      500,
    )
  })
  return app
}

function guard(token: string): MiddlewareHandler {
  const expected = Buffer.from(`Bearer ${token}`)
  return async (request, next) => {
    const host = (request.req.header('host') ?? '').replace(/:\d+$/, '')
    const isLocal = host === '127.0.0.1' || host === 'localhost' || host === '[::1]'
    const origin = request.req.header('origin')
    if (!isLocal || (origin !== undefined && !/^http:\/\/(?:127\.0\.0\.1|localhost)(?::\d+)?$/.test(origin))) {
      return request.json(
        errorBody(new CoxError('FORBIDDEN', 'Requests come from this machine only', { hint: 'Use the address in daemon.json.' })),
        403,
      )
    }
    const given = Buffer.from(request.req.header('authorization') ?? '')
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      return request.json(
        errorBody(
          new CoxError('UNAUTHORIZED', 'The token is missing or wrong', {
            hint: 'Read it from daemon.json in the state folder.',
          }),
        ),
        401,
      )
    }
    return next()
  }
}

function errorBody(error: CoxError): {
  error: { code: string; message: string; hint: string; data: Readonly<Record<string, unknown>> }
} {
  return { error: error.toJSON() }
}

function statusOf(code: string): 400 | 404 | 409 | 503 {
  if (code.endsWith('_NOT_FOUND')) return 404
  if (code === 'INTERVENTION_REFUSED' || code === 'TASK_ENDED') return 409
  if (code.startsWith('DATABASE_')) return 503
  return 400
}
