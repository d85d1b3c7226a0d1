import type { Readable } from 'node:stream'

export interface CommandRequest {
  readonly command: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly stdin: string | Uint8Array | null
  /** Per stream, of which the tail is kept; null gives it no output and does not wait for its end. */
  readonly maxOutputBytes: number | null
}

export interface CommandEnd {
  readonly exitCode: number | null
  readonly signal: string | null
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
  readonly isTruncated: boolean
}

/** Runs a command in a process group of its own. Uses nothing from outside itself: its text is the program of the command server too. @throws the error of `spawn` */
export function performCommand(request: CommandRequest, onStart: (pid: number) => void): Promise<CommandEnd> {
  const { spawn } = process.getBuiltinModule('node:child_process')
  const { command, cwd, env, stdin, maxOutputBytes } = request
  const lingerMs = 2_000
  const keepTail = (stream: Readable | null, capacity: number): (() => { bytes: Buffer; isTruncated: boolean }) => {
    let chunks: Buffer[] = []
    let size = 0
    let total = 0
    stream?.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      size += chunk.length
      total += chunk.length
      if (size <= capacity * 2) return
      chunks = [Buffer.concat(chunks).subarray(-capacity)]
      size = capacity
    })
    return () => ({ bytes: Buffer.concat(chunks).subarray(-capacity), isTruncated: total > capacity })
  }
  const output = maxOutputBytes === null ? 'ignore' : 'pipe'
  const child = spawn(command[0] ?? '', command.slice(1), {
    cwd,
    env,
    detached: true,
    stdio: [stdin === null ? 'ignore' : 'pipe', output, output],
  })
  const stdout = keepTail(child.stdout, maxOutputBytes ?? 0)
  const stderr = keepTail(child.stderr, maxOutputBytes ?? 0)
  child.stdin?.on('error', () => {}) // the command may end without reading its input
  if (stdin !== null) child.stdin?.end(stdin)
  if (child.pid !== undefined) onStart(child.pid)
  return new Promise((resolve, reject) => {
    const end = (exitCode: number | null, signal: string | null): void => {
      const [out, err] = [stdout(), stderr()]
      resolve({ exitCode, signal, stdout: out.bytes, stderr: err.bytes, isTruncated: out.isTruncated || err.isTruncated })
    }
    child.on('error', reject)
    if (maxOutputBytes === null) {
      child.unref()
      child.on('spawn', () => end(null, null))
      return
    }
    // A program that was never started closes too, before its error is told.
    child.on('close', (exitCode, signal) => child.pid !== undefined && end(exitCode, signal))
    // A lingering child of the command may keep its output open for ever: the command itself has ended all the same.
    child.on('exit', (exitCode, signal) => setTimeout(() => end(exitCode, signal), lingerMs).unref())
  })
}
