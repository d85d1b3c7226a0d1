import { chmodSync, mkdirSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { dirname, join } from 'node:path'
import { systemClock } from '@coxswain/host'
import { findRoot, lazySchema } from '@coxswain/facts'
import { CoxError, errorMessage } from '@coxswain/kernel'
import type { z } from 'zod'
import { exitCodeOf, type CheckReport } from '../check-report.ts'
import { askService } from '../client.ts'
import { renderReport } from '../report/render-report.ts'
import { makeReport } from '../run-check.ts'
import { isOwnFolder, isPrivateFolder, serviceFolder } from './socket-path.ts'
import { startWatchService, type WatchService } from './watch-service.ts'

export interface CheckServer {
  readonly socket: string
  readonly service: WatchService
  close(): Promise<void>
}

const question = lazySchema((z) =>
  z.object({ cwd: z.string(), paths: z.array(z.string()), format: z.enum(['text', 'json', 'sarif', 'github']) }),
)
type Question = z.infer<ReturnType<typeof question>>

/** Keeps a repository checked and answers over a socket that only its user can open. @throws CoxError FOLDER_MISSING, SERVICE_FOLDER_SHARED, SERVICE_RUNNING */
export async function serveChecks(cwd: string): Promise<CheckServer> {
  const { root } = findRoot(cwd)
  const folder = openFolder(root)
  if ((await askService({ cwd: root, paths: ['.none'], format: 'text' })) !== null)
    throw new CoxError('SERVICE_RUNNING', `A watch service is running for ${root}`, {
      hint: 'Run `cox check`: it asks that service.',
    })
  const socket = join(folder, 'socket')
  rmSync(socket, { force: true })
  const service = await startWatchService({ root, stateFolder: folder })
  // What an answer needs is loaded by the first one: nobody has to wait for it.
  await reply(JSON.stringify({ cwd: root, paths: [], format: 'text' } satisfies Question), service, root)
  const open = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (connection) => {
    open.add(connection)
    connection.on('close', () => open.delete(connection))
    answer(connection, service, root)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(socket, resolve)
  })
  chmodSync(socket, 0o600)
  return {
    socket,
    service,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const connection of open) connection.destroy()
      await closed
      service.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The parent may have been made by somebody else, who could then answer in our place. */
function openFolder(root: string): string {
  const folder = serviceFolder(root) ?? root
  mkdirSync(dirname(folder), { recursive: true, mode: 0o700 })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (isOwnFolder(dirname(folder))) chmodSync(dirname(folder), 0o700)
  if (!isPrivateFolder(folder))
    throw new CoxError('SERVICE_FOLDER_SHARED', `${dirname(folder)} belongs to somebody else, or others may write to it`, {
      hint: `Remove it, or close it with \`chmod 700 ${dirname(folder)}\` if it is yours.`,
    })
  return folder
}

function answer(connection: Socket, service: WatchService, root: string): void {
  const parts: Buffer[] = []
  let length = 0
  let isAsked = false
  const take = (part: Buffer): void => {
    const end = part.indexOf(newline)
    parts.push(end === -1 ? part : part.subarray(0, end))
    length += part.length
    if (end === -1 && length > longestQuestion) connection.destroy()
    if (end === -1) return
    // One question each: whatever else is sent is not kept.
    isAsked = true
    connection.off('data', take).resume()
    void reply(Buffer.concat(parts).toString('utf8'), service, root).then((output) => connection.end(output))
  }
  connection.on('error', () => connection.destroy())
  connection.on('data', take)
  connection.on('end', () => isAsked || connection.end())
}

const newline = 10
const longestQuestion = 1024 * 1024

async function reply(line: string, service: WatchService, root: string): Promise<string> {
  try {
    const asked = question().parse(JSON.parse(line))
    const report = await reportFor(asked, service, root)
    return `${exitCodeOf(report)}\n${renderReport(report, asked.format)}\n`
  } catch (error) {
    return `2\n${errorMessage(error)}\n`
  }
}

async function reportFor(asked: Question, service: WatchService, root: string): Promise<CheckReport> {
  const startedAt = systemClock.now()
  await service.check()
  const selection = {
    root: { root, inside: findRoot(asked.cwd).inside },
    options: { cwd: asked.cwd, paths: asked.paths },
    changed: null,
  }
  const report = await makeReport({ session: service.session, tree: service.tree, selection, applied: [], startedAt })
  return { ...report, cache: { ...report.cache, service: true } }
}
