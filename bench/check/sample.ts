import { spawnSync } from 'node:child_process'

export interface Sample {
  readonly wallMs: number
  readonly cpuMs: number
  readonly rssMb: number
}

/** One process, measured by the operating system; a linter that finds something has done its work. */
export function sample(program: string, args: readonly string[], cwd?: string): Sample {
  const startedAt = performance.now()
  const result = spawnSync('/usr/bin/time', ['-f', '%U %S %M', program, ...args], { encoding: 'utf8', maxBuffer: 1e9, cwd })
  const [user = 0, system = 0, kilobytes = 0] = (result.stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number)
  if (result.status === null || result.status > 100 || Number.isNaN(user))
    throw new Error(`${program} ended with ${result.status}: ${result.stderr.slice(0, 500)}${result.stdout.slice(0, 500)}`)
  return { wallMs: performance.now() - startedAt, cpuMs: (user + system) * 1_000, rssMb: kilobytes / 1_024 }
}

export function must(program: string, args: readonly string[], cwd?: string): string {
  const result = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1e8, cwd })
  if (result.status !== 0) throw new Error(`${program} ${args[0] ?? ''}: ${result.stderr.slice(0, 500)}`)
  return result.stdout
}

export function median(list: readonly number[]): number {
  return list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0
}
