import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createAdaptorServer } from '@hono/node-server'
import { makePrivateFolder, socketPath } from '@coxswain/host'
import { errorMessage, type Logger, mapLimit } from '@coxswain/kernel'
import type { RunId } from '@coxswain/model'
import { runSocketName } from '@coxswain/protocol'
import { createApp } from './create-app.ts'
import type { DaemonContext } from './daemon-context.ts'

/** A socket for the agent of each run, in the folder of its conversation: who connects is the agent of that run, and nobody else can be. */
export interface RunDoors {
  /** Opens the door of a run in this folder, or leaves the one that is open; what the agent's environment says of it. Without a door the run goes on. */
  open(run: RunId, sessionDir: string): Promise<Readonly<Record<string, string>>>
  close(run: RunId): Promise<void>
  closeAll(): Promise<void>
}

interface OpenDoor {
  readonly path: string
  close(): Promise<void>
}

/** Requests wait for the context: a run that goes on after a restart comes before it. */
export function createRunDoors(context: Promise<DaemonContext>, logger: Logger): RunDoors {
  const doors = new Map<RunId, OpenDoor>()
  const close = async (run: RunId): Promise<void> => {
    const door = doors.get(run)
    doors.delete(run)
    await door?.close()
  }
  return {
    open: async (run, sessionDir) => {
      // Where the sandbox of every agent lets it write: a socket elsewhere is closed to it.
      const path = join(sessionDir, 'home', runSocketName)
      try {
        if (doors.get(run)?.path !== path) {
          await close(run)
          doors.set(run, await openDoor(run, path, context))
        }
        return { COXSWAIN_RUN: run, COXSWAIN_RUN_SOCKET: path }
      } catch (error) {
        logger.warn('the agent of a run cannot ask anything', { run, error: errorMessage(error) })
        return {}
      }
    },
    close,
    closeAll: async () => void (await mapLimit([...doors.keys()], 8, close)),
  }
}

const mostConnections = 16

async function openDoor(run: RunId, path: string, context: Promise<DaemonContext>): Promise<OpenDoor> {
  const fetch = appOf(run, context)
  const server = createAdaptorServer({ fetch })
  server.maxConnections = mostConnections
  await makePrivateFolder(dirname(path))
  // What an earlier life of ours left there, or the agent put there: never followed.
  await rm(path, { recursive: true, force: true })
  const place = await socketPath(path)
  try {
    const failed = once(server, 'error').then(([error]) => Promise.reject(error))
    server.listen({ path: place.path })
    await Promise.race([once(server, 'listening'), failed])
    failed.catch(() => {}) // it listens
    server.on('error', () => {})
  } catch (error) {
    await place[Symbol.asyncDispose]()
    throw error
  }
  return {
    path,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      if ('closeAllConnections' in server) server.closeAllConnections()
      await closed
      await place[Symbol.asyncDispose]()
    },
  }
}

function appOf(run: RunId, context: Promise<DaemonContext>): (request: Request) => Promise<Response> {
  const app = context.then((known) => createApp(known, () => ({ kind: 'run', run })))
  app.catch(() => {}) // the daemon did not start: nobody asks
  return async (request) => (await app).fetch(request)
}
