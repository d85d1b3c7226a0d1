import { randomUUID } from 'node:crypto'
import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readEnvironment, runCommand, scrubEnvironment, startDetached } from '@coxswain/host'
import { minutes, sleep } from '@coxswain/kernel'
import { Client } from 'pg'
import { findPostgresBinaries } from '../postgres-binaries.ts'
import { socketFolder, startsOf } from '../postgres-folders.ts'
import { accessOf, postgresPort } from '../postmaster.ts'
import { findUnprivileged } from '../unprivileged.ts'

/** A server as the version before made it: one role for everything, which needs no password. The url is what that version used. */
export async function startOldCluster(dataDir: string): Promise<string> {
  await mkdir(dataDir, { recursive: true })
  await chmod(dataDir, 0o700)
  const binaries = await findPostgresBinaries(dataDir)
  const env = { ...scrubEnvironment(readEnvironment()), LC_ALL: 'C' }
  const user = await findUnprivileged({ program: binaries.postgres, dir: dataDir, env })
  const cluster = join(dataDir, 'cluster')
  await mkdir(cluster, { mode: 0o700 })
  await user.own(cluster)
  const settings = ['--auth=trust', '--encoding=UTF8', '--locale=C', '--wal-segsize=4', '--no-instructions']
  const initdb = [...user.prefix, binaries.initdb, '-D', cluster, '-U', 'coxswain', ...settings]
  const made = await runCommand({ command: initdb, cwd: dataDir, env, timeout: minutes(2) })
  if (made.exitCode !== 0) throw new Error(made.stderr)
  const socketDir = await socketFolder(dataDir, user)
  const server = ['listen_addresses=', `port=${postgresPort}`, `unix_socket_directories=${socketDir}`, 'max_connections=60']
  const command = [...user.prefix, binaries.postgres, '-D', cluster, ...server.flatMap((setting) => ['-c', setting])]
  await startDetached({ dir: join(startsOf(dataDir), randomUUID()), key: 'postgres', command, cwd: dataDir, env, input: 'none' })
  while ((await accessOf(socketDir)) === 'silent') await sleep(20)
  const client = new Client({ host: socketDir, port: postgresPort, user: 'coxswain', database: 'postgres' })
  await client.connect()
  await client.query('create database coxswain')
  await client.end()
  return `postgresql://coxswain@localhost/coxswain?host=${encodeURIComponent(socketDir)}&port=${postgresPort}`
}
