import { rm } from 'node:fs/promises'
import { serve as listen } from '@hono/node-server'
import { atomicWrite, identify } from '@coxswain/host'
import type { Actor } from '@coxswain/model'
import type { DaemonAddress } from '@coxswain/protocol'
import { createApp } from './create-app.ts'
import { holderOf } from './credentials.ts'
import type { DaemonContext } from './daemon-context.ts'

function tokenOf({ credentials }: DaemonContext, kind: Actor['kind']): string {
  const found = credentials.find(({ actor }) => actor.kind === kind)
  if (found === undefined) throw new Error(`there is no credential of a ${kind}`)
  return found.token
}

/** Listens on loopback and tells the address in a file that only this user reads. */
export async function serve({
  context,
  cleanup,
}: {
  readonly context: DaemonContext
  readonly cleanup: AsyncDisposableStack
}): Promise<string> {
  const app = createApp(context, ({ req }) => holderOf(req.header('authorization'), context.credentials))
  const listening = Promise.withResolvers<number>()
  const server = listen({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, (info) => listening.resolve(info.port))
  server.once('error', listening.reject)
  const url = `http://127.0.0.1:${await listening.promise}`
  cleanup.defer(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        if ('closeAllConnections' in server) setTimeout(() => server.closeAllConnections(), 500).unref()
      }),
  )
  const address: DaemonAddress = {
    pid: process.pid,
    startedAt: identify(process.pid)?.startedAt ?? '',
    url,
    token: tokenOf(context, 'person'),
    workerToken: tokenOf(context, 'worker'),
    version: context.version,
    isEphemeral: context.isEphemeral,
  }
  await atomicWrite(context.folder.address, JSON.stringify(address), 0o600)
  cleanup.defer(() => rm(context.folder.address, { force: true }))
  return url
}
