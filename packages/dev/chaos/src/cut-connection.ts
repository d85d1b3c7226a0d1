import { mkdir, rm } from 'node:fs/promises'
import { createConnection, createServer, type Socket } from 'node:net'
import { join } from 'node:path'

/** A way to the database that can be cut: silent, where nothing comes through and nobody is told, or refused. */
export interface CutConnection extends AsyncDisposable {
  /** For the worker that is to be cut off. */
  readonly url: string
  cut(how: 'silent' | 'refused'): void
  heal(): void
}

const port = 5432

/** Of a server that listens on a path socket, as the embedded one does. */
export async function openCutConnection(url: string, dir: string): Promise<CutConnection> {
  const target = new URL(url)
  const real = join(target.searchParams.get('host') ?? '', `.s.PGSQL.${target.searchParams.get('port') ?? port}`)
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const socket = join(dir, `.s.PGSQL.${port}`)
  await rm(socket, { force: true })
  const pairs = new Set<readonly [Socket, Socket]>()
  let state: 'open' | 'silent' | 'refused' = 'open'
  const server = createServer((near) => {
    if (state === 'refused') return void near.destroy()
    const far = createConnection(real)
    const pair = [near, far] as const
    pairs.add(pair)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('data', (data) => to.write(data))
      from.on('error', () => {}) // its close follows
      from.on('close', () => {
        to.destroy()
        pairs.delete(pair)
      })
      if (state === 'silent') from.pause()
    }
  })
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  const own = new URL(url)
  own.searchParams.set('host', dir)
  own.searchParams.set('port', String(port))
  return {
    url: own.href,
    cut: (how) => {
      state = how
      for (const pair of pairs)
        for (const end of pair)
          if (how === 'silent') end.pause()
          else end.destroy()
    },
    heal: () => {
      state = 'open'
      for (const pair of pairs) for (const end of pair) end.resume()
    },
    [Symbol.asyncDispose]: async () => {
      for (const pair of pairs) for (const end of pair) end.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
