import { createConnection } from 'node:net'
import { join } from 'node:path'
import { isPrivateFolder, serviceFolder } from './watch/socket-path.ts'

export interface ServiceQuestion {
  readonly cwd: string
  readonly paths: readonly string[]
  readonly format: 'text' | 'json' | 'sarif' | 'github'
}

export interface ServiceAnswer {
  readonly exitCode: number
  readonly output: string
}

/** A service that says nothing for so long is not waited for. */
const patienceMs = 30_000

/** Asks the watch service of this repository; null when none answers, and the command has to look itself. */
export function askService(question: ServiceQuestion): Promise<ServiceAnswer | null> {
  const folder = serviceFolder(question.cwd)
  // Another user's folder in the same place could answer anything.
  if (folder === null || !isPrivateFolder(folder)) return Promise.resolve(null)
  return new Promise((resolve) => {
    const socket = createConnection({ path: join(folder, 'socket'), timeout: patienceMs })
    const parts: Buffer[] = []
    socket.on('timeout', () => socket.destroy())
    socket.on('error', () => resolve(null))
    socket.on('close', () => resolve(null))
    socket.on('data', (part) => parts.push(part))
    socket.on('end', () => resolve(readAnswer(Buffer.concat(parts).toString('utf8'))))
    socket.write(`${JSON.stringify(question)}\n`)
  })
}

/** For a command that no service answered: see the function of that name in `facts`. */
export async function readAhead(folder: string, options: { readonly cache: boolean }): Promise<void> {
  const ahead = await import('@coxswain/facts/read-ahead')
  await ahead.readAhead(folder, options)
}

/** First line: the exit code; the rest is what to print. A broken answer counts as none. */
function readAnswer(text: string): ServiceAnswer | null {
  const [, code, output] = /^(\d)\n([\s\S]*)$/.exec(text) ?? []
  return code === undefined || output === undefined ? null : { exitCode: Number(code), output }
}
