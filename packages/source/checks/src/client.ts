import { createConnection } from 'node:net'
import { join } from 'node:path'
import { serviceFolder } from './watch/socket-path.ts'

export interface ServiceQuestion {
  readonly cwd: string
  readonly paths: readonly string[]
  readonly format: 'text' | 'json' | 'sarif' | 'github'
}

export interface ServiceAnswer {
  readonly exitCode: number
  readonly output: string
}

/** Asks the watch service of this repository; null when none is running, and the command has to look itself. */
export function askService(question: ServiceQuestion): Promise<ServiceAnswer | null> {
  return new Promise((resolve) => {
    const socket = createConnection(join(serviceFolder(question.cwd), 'socket'))
    const parts: Buffer[] = []
    socket.on('error', () => resolve(null))
    socket.on('data', (part) => parts.push(part))
    socket.on('end', () => resolve(readAnswer(Buffer.concat(parts).toString('utf8'))))
    socket.write(`${JSON.stringify(question)}\n`)
  })
}

/** First line: the exit code; the rest is what to print. A broken answer counts as none. */
function readAnswer(text: string): ServiceAnswer | null {
  const [, code, output] = /^(\d)\n([\s\S]*)$/.exec(text) ?? []
  return code === undefined || output === undefined ? null : { exitCode: Number(code), output }
}
