import { chmodSync, mkdirSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { dirname, join } from 'node:path'
import { systemClock } from '@coxswain/host'
import { findRoot } from '@coxswain/facts'
import { CoxError, errorMessage } from '@coxswain/kernel'
import { z } from 'zod'
import { exitCodeOf, type CheckReport } from '../check-report.ts'
import { askService } from '../client.ts'
import { renderReport } from '../report/render-report.ts'
import { makeReport } from '../run-check.ts'
import { serviceFolder } from './socket-path.ts'
import { startWatchService, type WatchService } from './watch-service.ts'

export interface CheckServer {
  readonly socket: string
  readonly service: WatchService
  close(): Promise<void>
}

const question = z.object({ cwd: z.string(), paths: z.array(z.string()), format: z.enum(['text', 'json', 'sarif', 'github']) })
type Question = z.infer<typeof question>

/** Keeps a repository checked and answers over a socket that only its user can open. @throws CoxError SERVICE_RUNNING */
export async function serveChecks(cwd: string): Promise<CheckServer> {
  const { root } = findRoot(cwd)
  const folder = serviceFolder(root)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  chmodSync(dirname(folder), 0o700)
  if ((await askService({ cwd: root, paths: ['.none'], format: 'text' })) !== null)
    throw new CoxError('SERVICE_RUNNING', `A watch service is running for ${root}`, {
      hint: 'Run `cox check`: it asks that service.',
    })
  const socket = join(folder, 'socket')
  rmSync(socket, { force: true })
  const service = await startWatchService({ root, stateFolder: folder })
  const server = createServer({ allowHalfOpen: true }, (connection) => answer(connection, service, root))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(socket, resolve)
  })
  return {
    socket,
    service,
    close: async () => {
      await new Promise<void>((resolve) => server.close(() => resolve()))
      service.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function answer(connection: Socket, service: WatchService, root: string): void {
  let text = ''
  connection.on('error', () => connection.destroy())
  connection.on('data', (part: Buffer) => {
    text += part.toString('utf8')
    const end = text.indexOf('\n')
    if (end !== -1) void reply(text.slice(0, end), service, root).then((output) => connection.end(output))
    else if (text.length > longestQuestion) connection.destroy()
  })
}

const longestQuestion = 1024 * 1024

async function reply(line: string, service: WatchService, root: string): Promise<string> {
  try {
    const asked = question.parse(JSON.parse(line))
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
