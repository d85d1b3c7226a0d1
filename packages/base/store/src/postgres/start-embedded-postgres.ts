import { existsSync } from 'node:fs'
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { readEnvironment, runCommand, scrubEnvironment, startDetached, type DetachedProcess } from '@coxswain/host'
import { CoxError, minutes, seconds, sleep, type Duration } from '@coxswain/kernel'
import { isConnectionLoss } from '../database/connection-loss.ts'
import { appRole, databaseName, hasAccessRules, ownerRole, writeAccessRules } from './cluster-access.ts'
import { ensurePasswords, type Passwords } from './passwords.ts'
import { findPostgresBinaries, type PostgresBinaries } from './postgres-binaries.ts'
import {
  accessOf,
  endPostmaster,
  isAlive,
  isInUse,
  isPidTaken,
  postgresPort,
  readPostmaster,
  shutDownPostmaster,
  type Postmaster,
} from './postmaster.ts'
import { removeOldRecords, socketFolder, startsOf, waitForRecords } from './postgres-folders.ts'
import { refuseOlderDaemon } from './refuse-older-daemon.ts'
import { resetOwner } from './reset-owner.ts'
import { scramVerifier } from './scram-verifier.ts'
import { settleRoles } from './settle-roles.ts'
import { findUnprivileged, type Unprivileged } from './unprivileged.ts'

export interface EmbeddedPostgresOptions {
  /** Holds the cluster, its socket and its logs; created with mode 0700, which is what keeps other users out. */
  readonly dataDir: string
  readonly signal: AbortSignal
  /** How long a server that runs may stay silent before it is ended and started anew, twice as long each time. Default 20 s. */
  readonly patience?: Duration
}

export interface EmbeddedPostgres {
  /** With the password of a role that owns its database and can do nothing else: for connections of ours alone. */
  readonly url: string
  /** Ends the server for everybody, letting transactions roll back; returns when it is gone. */
  stop(): Promise<void>
}

interface Installation {
  readonly dataDir: string
  readonly passwords: Passwords
  readonly cluster: string
  readonly binaries: PostgresBinaries
  readonly user: Unprivileged
  readonly env: Readonly<Record<string, string>>
}

const startLimit = minutes(2)

/**
 * Starts the server of this folder, or adopts the one that runs already. The server outlives us; calling this again after it died starts it anew under the same url.
 * @throws CoxError DATABASE_START_FAILED, DATABASE_NO_BINARIES, DATABASE_ROOT_REFUSED; the signal's reason
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  await mkdir(options.dataDir, { recursive: true })
  await chmod(options.dataDir, 0o700)
  const installation = await findInstallation(options.dataDir)
  const socketDir = await startClosed(installation, options)
  return { url: urlOf(socketDir, installation.passwords), stop: () => stopServer(installation) }
}

/** A server that lets anybody in gets its roles and rules, then it is restarted: who is connected by then came in without a password. Killed at any point, the next start goes on. */
async function startClosed(installation: Installation, options: EmbeddedPostgresOptions): Promise<string> {
  const { cluster, binaries, user, passwords } = installation
  for (let attempts = 0; attempts < mostAttempts; attempts += 1) {
    const socketDir = await startOrAdopt(installation, options)
    const found = readPostmaster(cluster)
    const access = await accessOf(socketDir)
    try {
      if (access === 'open') await refuseOlderDaemon({ socketDir, passwords }, options.signal)
      if (access !== 'silent') await settleRoles({ socketDir, passwords })
    } catch (error) {
      if (isConnectionLoss(error)) continue
      if (!isWrongPassword(error) || found === null) throw error
      await end(installation, found)
      await resetOwner({ ...installation, command: [...user.prefix, binaries.postgres], password: passwords.owner })
      continue
    }
    if (access === 'closed' && (await hasAccessRules(cluster))) return socketDir
    if (access === 'silent' || found === null) continue
    await writeAccessRules(cluster, user)
    await end(installation, found)
  }
  throw startFailed(installation, 'it could not be closed to those without a password')
}

const mostAttempts = 10

/** The file with the passwords was lost, or came from another cluster. */
function isWrongPassword(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '28P01'
}

async function findInstallation(dataDir: string): Promise<Installation> {
  const binaries = await findPostgresBinaries(dataDir)
  // The server must not see PG* variables, which would change its settings.
  const env = { ...scrubEnvironment(readEnvironment()), LC_ALL: 'C' }
  const user = await findUnprivileged({ program: binaries.postgres, dir: dataDir, env })
  const passwords = await ensurePasswords(dataDir)
  return { dataDir, passwords, cluster: join(dataDir, 'cluster'), binaries, user, env }
}

async function startOrAdopt(
  installation: Installation,
  { signal, patience = seconds(20) }: EmbeddedPostgresOptions,
): Promise<string> {
  const { cluster } = installation
  let silence = { since: performance.now(), limit: Number(patience) }
  for (const started = performance.now(); performance.now() - started < startLimit;) {
    signal.throwIfAborted()
    const present = readPostmaster(cluster)
    if (present !== null && (await accessOf(present.socketDir)) !== 'silent') return present.socketDir
    if (present !== null && isAlive(present) && isInUse(cluster)) {
      // Another process's start, or its recovery, is under way; one that never comes out of it is ended. What is committed is in its log.
      if (performance.now() - silence.since < silence.limit) await sleep(50, signal)
      else {
        await endPostmaster(present)
        silence = { since: performance.now(), limit: silence.limit * 2 }
      }
    } else {
      if (present !== null) await removeStalePid(cluster, present)
      await initialise(installation)
      silence = { ...silence, since: performance.now() }
      const socketDir = await launch(installation, { signal, patience: silence.limit })
      if (socketDir !== null) return socketDir
      await sleep(100, signal)
    }
  }
  throw startFailed(installation, 'it did not answer in time')
}

/**
 * Nobody works in the cluster. Its recorded pid may be an unrelated process's by now, or still a dead server's for whom nobody has waited, as in a
 * container whose first process looks after no orphans: Postgres would take either for a server for ever. Elsewhere the dead are waited for in no
 * time, and then the next server may write a pid of its own at any moment: only where they stay is theirs taken away.
 */
async function removeStalePid(cluster: string, present: Postmaster): Promise<void> {
  for (let waited = 0; isPidTaken(present); waited += 50) {
    if (isAlive(present) || waited >= orphanLimitMs) {
      if (readPostmaster(cluster)?.pid === present.pid) await rm(join(cluster, 'postmaster.pid'), { force: true })
      return
    }
    await sleep(50)
  }
}

const orphanLimitMs = 2_000

/** Made beside its place and moved there when whole, so that a crash leaves no half cluster; closed before it is ever started. */
async function initialise({ cluster, binaries, user, env, dataDir, passwords }: Installation): Promise<void> {
  if (existsSync(cluster)) return
  const staging = `${cluster}.${randomUUID()}`
  const [data, verifier] = [join(staging, 'data'), join(staging, 'verifier')]
  try {
    await mkdir(data, { recursive: true, mode: 0o700 })
    await writeFile(verifier, scramVerifier(passwords.owner), { mode: 0o600 })
    for (const path of [staging, data, verifier]) await user.own(path)
    const settings = ['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--wal-segsize=4', '--no-instructions']
    const command = [...user.prefix, binaries.initdb, '-D', data, '-U', ownerRole, `--pwfile=${verifier}`, ...settings]
    const result = await runCommand({ command, cwd: dataDir, env, timeout: minutes(2) })
    if (result.exitCode !== 0) throw startFailed({ dataDir }, 'its data folder could not be made', result.stderr)
    await writeAccessRules(data, user)
    await rename(data, cluster).catch((error: unknown) => {
      if (!existsSync(cluster)) throw error
    })
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}

/** Starts a server; null when another one, or what is left of it, holds the cluster, or when it does not answer. */
async function launch(
  installation: Installation,
  { signal, patience }: { readonly signal: AbortSignal; readonly patience: number },
): Promise<string | null> {
  const { dataDir, cluster, binaries, user, env } = installation
  const socketDir = await socketFolder(dataDir, user)
  const record = join(startsOf(dataDir), randomUUID())
  const settings = Object.entries(serverSettings(socketDir)).flatMap(([key, value]) => ['-c', `${key}=${value}`])
  const command = [...user.prefix, binaries.postgres, '-D', cluster, ...settings]
  const server = await startDetached({ dir: record, key: 'postgres', command, cwd: dataDir, env, input: 'none' })
  for (const begun = performance.now(); (await accessOf(socketDir)) === 'silent'; await sleep(20, signal)) {
    if (!server.isAlive()) return explainExit(installation, server, record)
    if (performance.now() - begun > patience) return null
  }
  await removeOldRecords(startsOf(dataDir), record)
  return socketDir
}

async function explainExit(installation: Installation, server: DetachedProcess, record: string): Promise<null> {
  const log = await server.stderrTail(4_000)
  // Whoever has got a server clears away what is over.
  if (!existsSync(record)) return null
  if (/lock file .* already exists|pre-existing shared memory block|is another postmaster/i.test(log)) return null
  throw startFailed(installation, 'the server exited', log)
}

/** Small, because it shares a developer's machine; durable, because it holds the only copy. */
function serverSettings(socketDir: string): Readonly<Record<string, string>> {
  return {
    listen_addresses: '',
    port: String(postgresPort),
    unix_socket_directories: socketDir,
    unix_socket_permissions: '0700',
    shared_buffers: '16MB',
    max_connections: '60',
    jit: 'off',
    fsync: 'on',
    wal_level: 'minimal',
    max_wal_senders: '0',
    max_worker_processes: '2',
    max_logical_replication_workers: '0',
    max_parallel_workers: '0',
    max_parallel_workers_per_gather: '0',
    io_method: 'sync',
    autovacuum_max_workers: '1',
    autovacuum_naptime: '5min',
    bgwriter_delay: '10s',
    wal_writer_delay: '10s',
    min_wal_size: '16MB',
    max_wal_size: '128MB',
    checkpoint_timeout: '15min',
    log_checkpoints: 'off',
    log_min_messages: 'log',
  }
}

async function stopServer(installation: Installation): Promise<void> {
  const present = readPostmaster(installation.cluster)
  if (present !== null) await end(installation, present)
}

async function end({ cluster, dataDir }: Installation, present: Postmaster): Promise<void> {
  // The pid of a server that died may be somebody else's by now.
  if (!isAlive(present) || !isInUse(cluster)) return
  await shutDownPostmaster(present)
  await waitForRecords(startsOf(dataDir))
}

function urlOf(socketDir: string, { app }: Passwords): string {
  return `postgresql://${appRole}:${app}@localhost/${databaseName}?host=${encodeURIComponent(socketDir)}&port=${postgresPort}`
}

function startFailed({ dataDir }: Pick<Installation, 'dataDir'>, why: string, log = ''): CoxError {
  const lines = log.trim().split('\n').slice(-8).join('\n')
  return new CoxError(
    'DATABASE_START_FAILED',
    `The embedded Postgres in ${dataDir} did not start: ${why}${lines === '' ? '' : `\n${lines}`}`,
    {
      hint: 'Check the free disk space and memory; then start again, or set COXSWAIN_DATABASE_URL to a Postgres of your own.',
      data: { dataDir, log: lines },
    },
  )
}
