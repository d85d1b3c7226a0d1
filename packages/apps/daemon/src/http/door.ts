import { CoxError } from '@coxswain/kernel'
import type { Actor } from '@coxswain/model'
import { Hono, type Context } from 'hono'
import { refusalOf, type Route } from './rights.ts'

/** What the routes know of who asks. */
export interface Asking {
  readonly Variables: { readonly actor: Actor }
}

type Handler<R extends Route> = (request: Context<Asking, PathOf<R>>) => Response | Promise<Response>

type PathOf<R extends Route> = R extends `${string} ${infer Path}` ? Path : never

export interface Door {
  readonly app: Hono<Asking>
  /** Answers those who may ask. */
  on<R extends Route>(route: R, handler: Handler<R>): void
}

export function openDoor(): Door {
  const app = new Hono<Asking>()
  return {
    app,
    on: (route, handler) => {
      const [method = '', path = ''] = route.split(' ')
      app.on(method, path, (request) => {
        const run = path.includes('/:run') ? request.req.param('run') : request.req.query('run')
        const refusal = refusalOf({ actor: request.get('actor'), route, run })
        if (refusal === null) return handler(request)
        throw new CoxError('ACT_NOT_ALLOWED', `Not allowed: ${refusal}`, {
          hint: 'A person of this machine may: outside of the run, with `cox`.',
          data: { route },
        })
      })
    },
  }
}
