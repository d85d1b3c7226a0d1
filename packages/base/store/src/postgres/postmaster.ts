import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { identify, isSameAlive } from '@coxswain/host'
import { errorMessage, sleep } from '@coxswain/kernel'
import { Client } from 'pg'
import { ownerRole } from './cluster-access.ts'

export interface Postmaster {
  readonly pid: number
  readonly socketDir: string
}

export const postgresPort = 5432

/** What `postmaster.pid` says; the process may be gone. */
export function readPostmaster(cluster: string): Postmaster | null {
  try {
    const lines = readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n')
    const [pid, socketDir] = [Number(lines[0]), lines[4]]
    return pid > 0 && socketDir !== undefined ? { pid, socketDir } : null
  } catch {
    return null
  }
}

export function isAlive(postmaster: Postmaster): boolean {
  return identify(postmaster.pid) !== null
}

/** As Postgres itself asks: also of a process that is dead and was not waited for. */
export function isPidTaken({ pid }: Postmaster): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

const quitLimitMs = 5_000
const shutdownLimitMs = 30_000

/** Ends a server at once, as a crash would, and returns when it is gone; its processes notice by themselves. */
export async function endPostmaster(postmaster: Postmaster): Promise<void> {
  for (const signal of ['SIGQUIT', 'SIGKILL'] as const) if (await endsBy(signal, postmaster, quitLimitMs)) return
}

/**
 * Lets transactions roll back and returns when the server is gone; one that does not come to its end is ended as by a crash. Without a process
 * of its own: pg_ctl would outlive us if we were killed, and wait for the server that came after this one.
 */
export async function shutDownPostmaster(postmaster: Postmaster): Promise<void> {
  if (!(await endsBy('SIGINT', postmaster, shutdownLimitMs))) await endPostmaster(postmaster)
}

async function endsBy(signal: NodeJS.Signals, { pid }: Postmaster, limitMs: number): Promise<boolean> {
  const running = identify(pid)
  if (running === null || !sendSignal(pid, signal)) return true
  for (let waited = 0; waited < limitMs; waited += 20) {
    if (!isSameAlive(running)) return true
    await sleep(20)
  }
  return false
}

function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false // it is gone
  }
}

/** `silent` while it starts, recovers, stops or is gone; `open` to whoever reaches its socket; `closed` without a password. */
export type Access = 'silent' | 'open' | 'closed'

/** Knocks without a password, also where the environment holds one. */
export async function accessOf(socketDir: string): Promise<Access> {
  const client = new Client({
    host: socketDir,
    port: postgresPort,
    user: ownerRole,
    password: () => '',
    database: 'postgres',
    connectionTimeoutMillis: 5_000,
  })
  client.on('error', () => {})
  try {
    await client.connect()
    return 'open'
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    return code.startsWith('28') || errorMessage(error).startsWith('SASL: ') ? 'closed' : 'silent'
  } finally {
    await client.end().catch(() => {})
  }
}

/** True when a process works in the cluster, also one that outlived its postmaster. Unknown counts as true. */
export function isInUse(cluster: string): boolean {
  if (process.platform !== 'linux') return true
  const path = realpathSync(cluster)
  return readdirSync('/proc').some((entry) => /^\d+$/.test(entry) && workingDirectory(entry) === path)
}

function workingDirectory(pid: string): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return null
  }
}
