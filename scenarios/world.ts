import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/* A person's repository with a scripted agent and a state folder of its own, and the real CLI as child processes. */

const cli = fileURLToPath(new URL('../packages/apps/cli/src/main.ts', import.meta.url))
const agentProgram = fileURLToPath(new URL('../packages/dev/scripted-agent/src/main.mjs', import.meta.url))

/** Turns of actions by scenario: the script of `packages/dev/scripted-agent`. */
export type AgentScript = Readonly<Record<string, readonly (readonly Readonly<Record<string, unknown>>[])[]>>

export interface WorldOptions {
  readonly script?: AgentScript
  /** `harness/harness.yaml` besides the agent; null leaves the file out. */
  readonly config?: string | null
  /** Committed at first; null makes no commit. */
  readonly files?: Readonly<Record<string, string>> | null
  /** Name of the repository's folder. */
  readonly name?: string
  readonly env?: Readonly<Record<string, string>>
}

export interface Call {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The object that `cox run --json` ends with. */
export interface RunResult {
  readonly id: string
  readonly task: string
  readonly state: string
  readonly outcome: string | null
  readonly reason: string | null
  readonly landed: string | null
  readonly branch: string
  readonly turns: number
  readonly gateFailures: number
  readonly tokens: number
}

export interface World extends AsyncDisposable {
  readonly root: string
  readonly repo: string
  /** The folder below which each repository has its state. */
  readonly stateDir: string
  /** For `--agent` and `agent:`. */
  readonly agent: string
  readonly env: Readonly<Record<string, string>>
  cox(...args: string[]): Promise<Call>
  /** A command with `--json`, parsed. */
  ask<T = RunResult>(...args: string[]): Promise<T & { readonly code: number | null }>
  start(...args: string[]): ChildProcess
  /** The command line of `cox`, for those who start it in another way. */
  command(...args: string[]): readonly [string, ...string[]]
  git(...args: string[]): string
  /** git with something on its standard input. */
  pipe(input: string, ...args: string[]): string
  write(path: string, content: string): Promise<void>
  read(path: string): Promise<string>
  commit(message: string): string
  /** The daemon's own state folder. */
  state(): string
}

export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'cox-world-')))
  const repo = join(root, options.name ?? 'repo')
  for (const folder of [repo, join(root, 'home'), join(root, 'agent')]) await mkdir(folder, { recursive: true })
  const scriptFile = join(root, 'agent/script.json')
  await writeFile(scriptFile, JSON.stringify(options.script ?? {}))
  const world = describe(root, {
    repo,
    agent: `acp:"${process.execPath}" "${agentProgram}" --script "${scriptFile}"`,
    env: options.env ?? {},
  })
  world.git('init', '--quiet', '-b', 'main')
  world.git('config', 'user.name', 'Ann')
  world.git('config', 'user.email', 'ann@example.com')
  if (options.config !== null) await world.write('harness/harness.yaml', `agent: '${world.agent}'\n${options.config ?? ''}`)
  for (const [path, content] of Object.entries(options.files ?? {})) await world.write(path, content)
  if (options.files !== null) world.commit('first')
  return world
}

/** A repository that somebody else has made; only what Coxswain keeps is this world's own. */
export function openWorldAt({ root, repo, env }: Pick<World, 'root' | 'repo' | 'env'>): World {
  return describe(root, { repo, agent: '', env })
}

function describe(root: string, { repo, agent, env: changes }: Pick<World, 'repo' | 'agent' | 'env'>): World {
  const stateDir = join(root, 'state')
  const env = { ...environmentOf(root), COXSWAIN_STATE_DIR: stateDir, ...changes }
  const cox = (...args: string[]): Promise<Call> => collect(start(...args))
  const command = (...args: string[]): [string, ...string[]] => [
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    cli,
    ...args,
  ]
  const start = (...args: string[]): ChildProcess => {
    const [program, ...rest] = command(...args)
    return spawn(program, rest, { cwd: repo, env, stdio: ['ignore', 'pipe', 'pipe'] })
  }
  const pipe = (input: string, ...args: string[]): string =>
    execFileSync('git', args, { cwd: repo, env, input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] }).replace(/\n$/, '')
  const git = (...args: string[]): string => pipe('', ...args)
  return {
    root,
    repo,
    stateDir,
    agent,
    env,
    cox,
    start,
    command,
    git,
    pipe,
    ask: async <T>(...args: string[]) => {
      const [first = '', ...rest] = args
      const { code, stdout, stderr } = await (rest.includes('--') ? cox(first, '--json', ...rest) : cox(...args, '--json'))
      const lines = stdout.trim().split('\n')
      if (lines.length !== 1 || !stdout.startsWith('{')) throw new Error(`not one object on stdout: ${stdout}\n${stderr}`)
      return { ...(JSON.parse(stdout) as T), code }
    },
    write: async (path, content) => {
      await mkdir(dirname(join(repo, path)), { recursive: true })
      await writeFile(join(repo, path), content)
    },
    read: (path) => readFile(join(repo, path), 'utf8'),
    commit: (message) => {
      git('add', '--all')
      git('commit', '--quiet', '--allow-empty', '-m', message)
      return git('rev-parse', 'HEAD')
    },
    state: () => join(stateDir, readdirSync(stateDir).find((name) => existsSync(join(stateDir, name, 'runs'))) ?? ''),
    [Symbol.asyncDispose]: () => endWorld(root, async () => existsSync(stateDir) && cox('down')),
  }
}

function environmentOf(root: string): Readonly<Record<string, string>> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: join(root, 'home'),
    TZ: 'UTC',
    // As `./cox` has it: what strips types from the first file is not loaded for it, hundreds of times.
    NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'),
  }
}

async function endWorld(root: string, stopDaemon: () => Promise<unknown>): Promise<void> {
  // Whom a test has stopped and then failed could not be told to end.
  for (const { pid } of liveProcesses(root)) signal(pid, 'SIGCONT')
  await stopDaemon()
  try {
    await until(() => processesOf(root).length === 0, 'everything of this world has ended')
  } finally {
    for (const { pid } of liveProcesses(root)) signal(pid, 'SIGKILL')
  }
  await rm(root, { recursive: true, force: true })
}

function collect(child: ChildProcess): Promise<Call> {
  const { promise, resolve, reject } = Promise.withResolvers<Call>()
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.setEncoding('utf8').on('data', (chunk: string) => (output[name] += chunk))
  child.on('error', reject)
  child.on('close', (code) => resolve({ code, ...output }))
  return promise
}

/** Output of each gate that was started, in the order of runs and steps: what a gate writes elsewhere is thrown away. */
export function gateOutputs(world: World): string[] {
  const runs = join(world.state(), 'runs')
  if (!existsSync(runs)) return []
  // Folder by folder: below a gate's own, things come and go while one looks.
  const gates = [1, 2, 3, 4].reduce<readonly string[]>((folders) => folders.flatMap(entriesOf), [runs])
  const outputs = gates.map((gate) => join(gate, 'out')).filter((path) => /\/gates-[^/]+\/[^/]+\/out$/.test(path))
  return outputs.flatMap((path) => (existsSync(path) ? [readFileSync(path, 'utf8')] : []))
}

/** Paths of what a folder holds; nothing where it is none, or is gone. */
export function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name))
  } catch {
    return []
  }
}

/** In a gate's script: whether the world has this flag. */
export const hasFlag = (name: string): string => `[ -e "$(git rev-parse --git-common-dir)/${name}" ]`

/** What gates can look at from inside. */
export function raiseFlag(world: World, name: string): Promise<void> {
  return writeFile(join(world.repo, '.git', name), '')
}

/** Waits for the end of a command that was started. */
export function ended(child: ChildProcess): Promise<Call> {
  return collect(child)
}

const patienceMs = 120_000

/** Waits until it is so; fails with what was waited for. */
export async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const begun = performance.now()
  // Less and less often: to look costs time that the thing waited for needs.
  for (let pause = 20; !(await isSo()); pause = Math.min(pause * 1.2, 150)) {
    if (performance.now() - begun > patienceMs) throw new Error(`waited in vain until ${what}`)
    await sleep(pause)
  }
}

/** Where the scripted agent of a run's first conversation keeps its marks. */
export function agentHome(world: World, run = 'r1'): string {
  return join(world.state(), 'runs', run, 'session-1/home/.scripted-agent')
}

/** Lets a scripted agent go on that waits for this name. */
export async function release(world: World, name: string, run = 'r1'): Promise<void> {
  const folder = join(agentHome(world, run), 'released')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, name), '')
}

/** Command lines of live processes that name this folder in their arguments, folder or environment. */
export function processesOf(root: string): string[] {
  return liveProcesses(root).map(({ command }) => command)
}

/** Of those whose command line holds a word. */
export function pidsOf(root: string, word: string): number[] {
  return liveProcesses(root).flatMap(({ pid, command }) => (command.includes(word) ? [pid] : []))
}

/** Whether all threads of a process stand still after SIGSTOP. */
export function isStopped(pid: number): boolean {
  const threads = entriesOf(`/proc/${pid}/task`)
  return threads.length > 0 && threads.every((thread) => /\) T /.test(readProc(pid, `task/${basename(thread)}/stat`)))
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It has ended meanwhile.
  }
}

interface LiveProcess {
  readonly pid: number
  readonly parent: number
  readonly command: string
}

function liveProcesses(root: string): LiveProcess[] {
  const found: LiveProcess[] = []
  for (const pid of readdirSync('/proc')
    .map(Number)
    .filter((number) => number > 0 && number !== process.pid)) {
    const command = readProc(pid, 'cmdline')
    // In the middle of a start, or behind a title of its own, a process is told by where it works alone.
    if (!command.includes(root) && !folderOf(pid).startsWith(root) && !readProc(pid, 'environ').includes(root)) continue
    const [state = '', parent] = readProc(pid, 'stat')
      .replace(/^.*\) /s, '')
      .split(' ')
    if (!/^[ZX]?$/.test(state)) found.push({ pid, parent: Number(parent), command: command.replaceAll('\0', ' ').trim() })
  }
  // What has just been forked shows its parent's command line until it is a program of its own.
  const commandOf = new Map(found.map(({ pid, command }) => [pid, command]))
  return found.filter(({ parent, command }) => commandOf.get(parent) !== command)
}

function folderOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return ''
  }
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}
