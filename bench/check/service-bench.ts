import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serveChecks } from '../../packages/source/checks/src/index.ts'

/** Round trips of the watch service after one edit, in process and through the command. */
export async function measureService(root: string, command: string): Promise<string> {
  const going = await measureGoing(root, command)
  const megabytes = await mostResident(root, command)
  return `${going}\n${'the same, on an empty cache'.padEnd(26)} rss ${megabytes.toFixed(0)} MB at most, a process of its own`
}

async function measureGoing(root: string, command: string): Promise<string> {
  const server = await serveChecks(root)
  try {
    const files = [...server.service.tree.facts.keys()].filter(
      (path) => /\/src\/[a-z-]+\.ts$/.test(path) && !path.endsWith('/index.ts'),
    )
    const { there: body } = await edits(server, { root, files, change: (text, at) => `${text}\nconst added${at} = ${at}\n` })
    const imports = await edits(server, {
      root,
      files,
      change: (text, at) => `import * as added${at} from './index.ts'\n${text}`,
    })
    await server.service.check()
    globalThis.gc?.()
    const rss = process.memoryUsage().rss / 1024 / 1024
    return [
      row('service, one edit', body),
      row('service, an import added', imports.there),
      row('service, and taken away', imports.back),
      row('command, service running', await commands(root, command)),
      `${'service in this process'.padEnd(26)} rss ${rss.toFixed(0)} MB`,
    ].join('\n')
  } finally {
    await server.close()
  }
}

interface Editing {
  readonly root: string
  readonly files: readonly string[]
  readonly change: (text: string, at: number) => string
}

interface EditTimes {
  readonly there: readonly number[]
  readonly back: readonly number[]
}

async function edits(server: Awaited<ReturnType<typeof serveChecks>>, { root, files, change }: Editing): Promise<EditTimes> {
  const [there, back]: number[][] = [[], []]
  for (let at = 0; at < 100; at++) {
    const path = join(root, files[(at * 61) % files.length] ?? '')
    const text = readFileSync(path, 'utf8')
    there?.push(await roundTrip(server, path, change(text, at)))
    back?.push(await roundTrip(server, path, text))
  }
  return { there: there ?? [], back: back ?? [] }
}

async function roundTrip(server: Awaited<ReturnType<typeof serveChecks>>, path: string, text: string): Promise<number> {
  writeFileSync(path, text)
  const startedAt = performance.now()
  await server.service.check()
  return performance.now() - startedAt
}

async function commands(root: string, command: string): Promise<number[]> {
  const times: number[] = []
  for (let at = 0; at < 15; at++) {
    const startedAt = performance.now()
    await new Promise<void>((resolve, reject) => {
      const child = spawn(process.execPath, [command, 'check', '-C', root], { stdio: 'ignore' })
      child.once('error', reject)
      child.once('exit', () => resolve())
    })
    times.push(performance.now() - startedAt)
  }
  return times
}

/** Megabytes, from its start on an empty cache until it has answered. */
async function mostResident(root: string, command: string): Promise<number> {
  const cache = mkdtempSync(join(tmpdir(), 'cox-bench-cache-'))
  const env = { ...process.env, XDG_CACHE_HOME: cache }
  const child = spawn(process.execPath, [command, 'check', '--watch', '-C', root], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code) => reject(new Error(`the service ended with ${code}`)))
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => text.includes('watching') && resolve())
    })
    await commands(root, command)
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]
    return Number(kilobytes) / 1_024
  } finally {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    if (child.kill('SIGINT')) await ended
    rmSync(cache, { recursive: true, force: true })
  }
}

function row(name: string, times: readonly number[]): string {
  return `${name.padEnd(26)} p50 ${quantile(times, 0.5)} ms  p95 ${quantile(times, 0.95)} ms  of ${times.length}`
}

function quantile(times: readonly number[], share: number): string {
  return (times.toSorted((a, b) => a - b)[Math.floor(times.length * share)] ?? 0).toFixed(1)
}
