import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { serveChecks } from '../../packages/source/checks/src/index.ts'

/** Round trips of the watch service after one edit, in process and through the command. */
export async function startServiceBench(root: string, command: string): Promise<string> {
  const server = await serveChecks(root)
  try {
    const files = [...server.service.tree.facts.keys()].filter(
      (path) => /\/src\/[a-z-]+\.ts$/.test(path) && !path.endsWith('/index.ts'),
    )
    const body = await edits(server, { root, files, change: (text, at) => `${text}\nconst added${at} = ${at}\n` })
    const imports = await edits(server, {
      root,
      files,
      change: (text, at) => `import * as added${at} from './index.ts'\n${text}`,
    })
    await server.service.check()
    globalThis.gc?.()
    const rss = process.memoryUsage().rss / 1024 / 1024
    return [
      `service    one edit          p50 ${quantile(body, 0.5)} ms  p95 ${quantile(body, 0.95)} ms`,
      `service    edit adds import  p50 ${quantile(imports, 0.5)} ms  p95 ${quantile(imports, 0.95)} ms`,
      `command    service running   p50 ${quantile(await commands(root, command), 0.5)} ms`,
      `service    rss ${rss.toFixed(0)} MB`,
      '',
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

async function edits(server: Awaited<ReturnType<typeof serveChecks>>, { root, files, change }: Editing): Promise<number[]> {
  const times: number[] = []
  for (let at = 0; at < 100; at++) {
    const path = join(root, files[(at * 61) % files.length] ?? '')
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, change(text, at))
    const startedAt = performance.now()
    await server.service.check()
    times.push(performance.now() - startedAt)
    writeFileSync(path, text)
    await server.service.check()
  }
  return times
}

async function commands(root: string, command: string): Promise<number[]> {
  const { spawn } = await import('node:child_process')
  const times: number[] = []
  for (let at = 0; at < 15; at++) {
    const startedAt = performance.now()
    await new Promise<void>((resolve, reject) => {
      const child = spawn(process.execPath, [command, '-C', root], { stdio: 'ignore' })
      child.once('error', reject)
      child.once('exit', () => resolve())
    })
    times.push(performance.now() - startedAt)
  }
  return times
}

function quantile(times: readonly number[], share: number): string {
  return (times.toSorted((a, b) => a - b)[Math.floor(times.length * share)] ?? 0).toFixed(1)
}
