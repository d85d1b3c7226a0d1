import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ConformanceModel, ConformanceWorld } from '@coxswain/agents/testing'
import { readEnvironment, scrubEnvironment, systemClock } from '@coxswain/host'
import type { ModelScript } from '../model-server/script.ts'
import { startModelServer, type ModelServer } from '../model-server/start-model-server.ts'
import { conformanceScript } from './conformance-script.ts'
import { startClient, type StartedClient } from './start-client.ts'

export interface AgentWorldOptions {
  /** Writes the user's configuration into `home`, pointed at the scripted model, and returns the variables that the user's shell has beside it. */
  readonly prepare: (place: AgentPlace) => Promise<Readonly<Record<string, string>>>
  /** Folders that come before all others on PATH. */
  readonly programFolders: readonly string[]
  /** Scenarios beside those of the suite. */
  readonly script?: ModelScript
}

export interface AgentPlace {
  readonly home: string
  readonly modelUrl: string
}

/** A temporary user with a git worktree and a scripted model: what a conformance case runs in. */
export async function openAgentWorld(options: AgentWorldOptions): Promise<ConformanceWorld> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'cox agent ')))
  const [home, worktree, stateDir] = [join(root, 'home'), join(root, 'worktree'), join(root, 'state')]
  for (const folder of [home, worktree, stateDir]) await mkdir(folder)
  createRepository(worktree)
  await writeFile(join(worktree, 'greeting.txt'), 'hello\n')
  commitAll(worktree)
  const server = await startModelServer({ script: { ...conformanceScript, ...options.script } })
  const base = scrubEnvironment(readEnvironment())
  const sessionEnvironment = { ...base, PATH: [...options.programFolders, base['PATH'] ?? ''].join(':') }
  const environment = { ...sessionEnvironment, HOME: home, ...(await options.prepare({ home, modelUrl: server.url })) }
  const clients: StartedClient[] = []
  return {
    worktree,
    stateDir,
    environment,
    sessionEnvironment,
    clock: systemClock,
    model: modelOf(server),
    readFile: (path) => readFile(join(worktree, path), 'utf8').catch(() => null),
    processes: () => findProcesses(root),
    killProcesses: () => killAll(root),
    startClient: async (request) => {
      const client = await startClient({ ...request, worktree, stateDir, environment, sessionEnvironment })
      clients.push(client)
      return { ...client, waitForProcess: () => waitForProcess(stateDir) }
    },
    dispose: async () => {
      for (const client of clients) await client.kill()
      await killAll(root)
      await server.close()
      await rm(root, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

const author = ['-c', 'user.name=Tester', '-c', 'user.email=tester@localhost', '-c', 'commit.gpgsign=false']

function createRepository(folder: string): void {
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', folder])
}

function commitAll(folder: string): void {
  execFileSync('git', ['-C', folder, 'add', '--all'])
  execFileSync('git', ['-C', folder, ...author, 'commit', '--quiet', '--message=start'])
}

function modelOf(server: ModelServer): ConformanceModel {
  return {
    misses: server.misses,
    release: (hold) => server.release(hold),
    disappear: () => server.close(),
    waitForRequest: async (scenario, step) => void (await server.waitForRequest(scenario, step)),
    requests: (scenario) =>
      server.requests
        .filter((request) => request.scenario === scenario)
        .map(({ step, entries, instructions }) => ({
          step,
          text: [instructions, ...entries.map((entry) => ('text' in entry ? entry.text : ''))].join('\n'),
        })),
  }
}

async function waitForProcess(stateDir: string): Promise<void> {
  while ((await findProcesses(`${stateDir}/`, 'cmdline')).length === 0) await new Promise((resolve) => setTimeout(resolve, 2))
}

/** Processes whose environment or arguments name the root: everything that a session of this world started. */
async function findProcesses(root: string, only?: 'cmdline'): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0 && pid !== process.pid)
  const found = await Promise.all(pids.map(async (pid) => ((await namesRoot(pid, root, only)) ? [pid] : [])))
  return found.flat()
}

async function namesRoot(pid: number, root: string, only?: 'cmdline'): Promise<boolean> {
  const read = (file: string): Promise<string> => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')
  const [environ, commandLine, stat] = await Promise.all([read('environ'), read('cmdline'), read('stat')])
  const isZombie = / [ZX] /.test(stat.slice(stat.lastIndexOf(')') + 1, stat.lastIndexOf(')') + 4))
  return !isZombie && ((only === undefined && environ.includes(root)) || commandLine.includes(root))
}

async function killAll(root: string): Promise<void> {
  for (let pids = await findProcesses(root); pids.length > 0; pids = await findProcesses(root)) {
    for (const pid of pids) killOne(pid)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

function killOne(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has gone by itself.
  }
}
