import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { identify } from '@coxswain/host'
import { milliseconds, sleep } from '@coxswain/kernel'
import { Client } from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readPostmaster } from './postmaster.ts'
import { startEmbeddedPostgres, type EmbeddedPostgres } from './start-embedded-postgres.ts'

let folder: string
let dataDir: string
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'cox pg ')))
  dataDir = join(folder, 'd')
})
afterEach(async () => {
  const postmaster = readPostmaster(join(dataDir, 'cluster'))
  if (postmaster !== null && identify(postmaster.pid) !== null) await (await start()).stop()
  await rm(folder, { recursive: true, force: true })
})

function start(): Promise<EmbeddedPostgres> {
  return startEmbeddedPostgres({ dataDir, signal: new AbortController().signal })
}

function postmasterPid(): number {
  return readPostmaster(join(dataDir, 'cluster'))?.pid ?? 0
}

async function query(url: string, text: string): Promise<unknown> {
  const client = new Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

/** One with a table `kept`; `writePid` has its lock file name another process. */
async function killServer(): Promise<{ readonly url: string; readonly writePid: (pid: number | undefined) => Promise<void> }> {
  const { url } = await start()
  await query(url, 'create table kept (n int)')
  const pid = postmasterPid()
  process.kill(pid, 'SIGKILL')
  await untilGone(pid)
  const file = join(dataDir, 'cluster/postmaster.pid')
  return {
    url,
    writePid: async (other) => writeFile(file, (await readFile(file, 'utf8')).replace(String(pid), String(other))),
  }
}

async function untilGone(pid: number): Promise<void> {
  while (identify(pid) !== null) await sleep(10)
}

test('a server is started once, adopted afterwards, and stopped for everybody', async () => {
  const first = await start()
  const pid = postmasterPid()
  const second = await start()
  expect(second.url).toBe(first.url)
  expect(postmasterPid()).toBe(pid)
  expect(
    await query(
      first.url,
      `select current_database(), current_setting('listen_addresses') as tcp, current_setting('fsync') as fsync`,
    ),
  ).toEqual([{ current_database: 'coxswain', tcp: '', fsync: 'on' }])
  expect((await stat(dataDir)).mode & 0o777).toBe(0o700)
  await second.stop()
  expect(identify(pid)).toBe(null)
  await second.stop()
})

test('a folder that was open to others is closed to them', async () => {
  await mkdir(dataDir, { mode: 0o755 })
  await chmod(dataDir, 0o755)
  await start()
  expect((await stat(dataDir)).mode & 0o777).toBe(0o700)
})

test('two that start at the same time on an empty folder get one server', async () => {
  const [one, two] = await Promise.all([start(), start()])
  expect(one.url).toBe(two.url)
  expect(await query(one.url, 'select 1 as a')).toEqual([{ a: 1 }])
})

test('what was committed is there after the server was killed', async () => {
  const { url } = await start()
  await query(url, 'create table kept (n int)')
  await query(url, 'insert into kept values (7)')
  const pid = postmasterPid()
  process.kill(pid, 'SIGKILL')
  const again = await start()
  expect(again.url).toBe(url)
  expect(postmasterPid()).not.toBe(pid)
  expect(await query(url, 'select n from kept')).toEqual([{ n: 7 }])
})

test('a killed server whose pid now belongs to another process does not keep it from starting', async () => {
  const { url, writePid } = await killServer()
  const bystander = spawn('sleep', ['600'], { cwd: folder })
  try {
    await writePid(bystander.pid)
    await start()
    expect(await query(url, 'select n from kept')).toEqual([])
    expect(bystander.exitCode).toBe(null)
  } finally {
    bystander.kill('SIGKILL')
  }
})

test('a pid of a dead process that nobody has waited for is no server', async () => {
  if (process.platform !== 'linux') return // `ps` of others does not tell the dead
  const { url, writePid } = await killServer()
  // `sleep` has a child that it does not know of.
  const parent = spawn('sh', ['-c', 'sleep 600 & echo $!; exec sleep 600'], { stdio: ['ignore', 'pipe', 'ignore'] })
  try {
    const dead = Number(String((await once(parent.stdout, 'data'))[0]))
    while (!(await readFile(`/proc/${parent.pid}/cmdline`, 'utf8')).startsWith('sleep')) await sleep(10)
    process.kill(dead, 'SIGKILL')
    await untilGone(dead)
    expect([identify(dead), process.kill(dead, 0)]).toEqual([null, true])
    await writePid(dead)
    await start()
    expect(await query(url, 'select n from kept')).toEqual([])
  } finally {
    parent.kill('SIGKILL')
  }
})

test('the server outlives a starter that is killed', async () => {
  const starter = join(folder, 'starter.mts')
  const module = new URL('./start-embedded-postgres.ts', import.meta.url).href
  await writeFile(
    starter,
    `import { startEmbeddedPostgres } from ${JSON.stringify(module)}
     const { url } = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)}, signal: new AbortController().signal })
     console.log(url)
     setInterval(() => {}, 1000)`,
  )
  const child = spawn(process.execPath, [starter], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [output] = await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(await query(String(output).trim(), 'select 1 as a')).toEqual([{ a: 1 }])
})

async function untilStatus(pid: number, pattern: RegExp): Promise<void> {
  while (!pattern.test(await readFile(`/proc/${pid}/status`, 'utf8'))) await sleep(10)
}

test('whoever is killed in the middle of a stop leaves no process that waits for it', async () => {
  const stopper = join(folder, 'stopper.mts')
  await writeFile(
    stopper,
    `import { startEmbeddedPostgres } from ${JSON.stringify(new URL('./start-embedded-postgres.ts', import.meta.url).href)}
     const server = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)}, signal: new AbortController().signal })
     process.stdin.once('data', () => server.stop())
     console.log('ready')`,
  )
  const child = spawn(process.execPath, [stopper], { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  const pid = postmasterPid()
  process.kill(pid, 'SIGSTOP')
  await untilStatus(pid, /^State:\s+T/m)
  child.stdin.write('stop\n')
  // SIGINT is under way to the server, which cannot heed it.
  await untilStatus(pid, /^ShdPnd:.*[2367abef]$/m)
  child.kill('SIGKILL')
  await once(child, 'exit')
  const waiting = await Promise.all(
    (await readdir('/proc'))
      .filter((name) => /^\d+$/.test(name))
      .map((name) => readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')),
  )
  expect(waiting.filter((command) => command.includes('pg_ctl') && command.includes(dataDir))).toEqual([])
  process.kill(pid, 'SIGCONT')
  await untilGone(pid)
})

test('a path too long for a socket is no obstacle', async () => {
  dataDir = join(folder, 'deep '.repeat(30).trim(), 'd')
  const { url } = await start()
  expect(await query(url, 'select 1 as a')).toEqual([{ a: 1 }])
  const socketDir = readPostmaster(join(dataDir, 'cluster'))?.socketDir ?? ''
  expect((await stat(socketDir)).mode & 0o777).toBe(0o700)
  await (await start()).stop()
  await rm(socketDir, { recursive: true })
})

test('a folder that holds something else is an error that says why', async () => {
  await mkdir(join(dataDir, 'cluster'), { recursive: true })
  await writeFile(join(dataDir, 'cluster/PG_VERSION'), '9.6\n')
  await expect(start()).rejects.toMatchObject({
    code: 'DATABASE_START_FAILED',
    hint: expect.stringContaining('COXSWAIN_DATABASE_URL'),
    data: { dataDir, log: expect.stringMatching(/./) },
  })
})

test('an ordinary user starts a server too', async () => {
  const uid = process.getuid?.() === 0 ? nobody : process.getuid?.()
  if (uid === nobody) await chown(folder, nobody, nobody)
  const { repository, prefix } = await asOrdinaryUser()
  const reached = (path: string): string => path.replace(root, repository)
  const script = `
    const { startEmbeddedPostgres } = await import(${JSON.stringify(reached(fileURLToPath(new URL('./start-embedded-postgres.ts', import.meta.url))))})
    const server = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)}, signal: new AbortController().signal })
    await server.stop()
    console.log('started and stopped as', process.getuid())`
  const [program, ...args] = [...prefix, reached(process.execPath), '--input-type=module', '-e', script]
  const child = spawn(program, args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (chunk) => (output += String(chunk)))
  await once(child, 'close')
  expect(output).toBe(`started and stopped as ${uid}\n`)
})

const nobody = 65_534
const root = resolve(import.meta.dirname, '../../../../..')

/** What runs a command as such a user, and where that one finds this repository: also where it lies in a home that only root may enter. */
async function asOrdinaryUser(): Promise<{ readonly repository: string; readonly prefix: readonly [string, ...string[]] }> {
  if (process.getuid?.() !== 0) return { repository: root, prefix: ['env'] }
  const account: [string, ...string[]] = ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', '--']
  const [program, ...args] = [...account, 'test', '-x', process.execPath]
  if (spawnSync(program, args).status === 0) return { repository: root, prefix: account }
  const repository = join(folder, 'repository')
  await mkdir(repository)
  const script = 'mount --bind "$1" "$2"; shift 2; exec "$@"'
  return { repository, prefix: ['unshare', '--mount', 'sh', '-euc', script, 'sh', root, repository, ...account] }
}

test('a server that runs and never answers is started anew', async () => {
  const { url } = await start()
  await query(url, 'create table kept (a int)')
  const pid = postmasterPid()
  process.kill(pid, 'SIGSTOP')
  await untilStatus(pid, /^State:\s+T/m)
  const again = await startEmbeddedPostgres({ dataDir, signal: new AbortController().signal, patience: milliseconds(200) })
  expect(postmasterPid()).not.toBe(pid)
  expect(await query(again.url, 'select * from kept')).toEqual([])
})
