import { request } from 'node:http'
import { Readable } from 'node:stream'
import { socketPath } from '@coxswain/host'

/** The part of fetch that a client needs, over the socket of a run. */
export function fetchOverSocket(path: string): typeof fetch {
  return async (input, init = {}) => {
    await using place = await socketPath(path)
    const { pathname, search } = new URL(input instanceof Request ? input.url : input)
    const answer = Promise.withResolvers<Response>()
    const asked = request(
      {
        socketPath: place.path,
        path: `${pathname}${search}`,
        method: init.method ?? 'GET',
        headers: { ...Object.fromEntries(new Headers(init.headers)), host: 'localhost' },
        agent: false,
        ...(init.signal ? { signal: init.signal } : {}),
      },
      (response) => {
        const body = Readable.toWeb(response) as ReadableStream
        answer.resolve(new Response(body, { status: response.statusCode ?? 500 }))
      },
    )
    asked.on('error', answer.reject)
    asked.end(typeof init.body === 'string' ? init.body : undefined)
    return await answer.promise
  }
}
