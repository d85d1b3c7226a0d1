import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openRepository, readEnvironment, type Repository } from '@coxswain/host'
import { canOverlay, findSandbox, sandboxCommand } from '@coxswain/sandbox'
import { seconds, type Logger } from '@coxswain/kernel'
import type { Gate, GateResult } from '@coxswain/model'
import type { Containment } from '../containment.ts'
import { openGates, type Gates, type JudgeRequest } from '../open-gates.ts'
import type { Setup } from '../setup-key.ts'
import type { GateCache } from '../stage.ts'

/** A repository, a state folder, and gates over them. */
export interface SampleWorld extends AsyncDisposable {
  readonly root: string
  readonly state: string
  readonly repository: Repository
  readonly notices: string[]
  git(...args: string[]): string
  write(files: Readonly<Record<string, string | null>>): Promise<void>
  /** Commits what stands in the checkout; its id. */
  commit(): string
  /** As another life of ours opens them, perhaps after the repository was moved. */
  open(moved?: Repository): Gates
  /** `base` by default the commit itself; each call is a round of its own. */
  judge(
    gates: Gates,
    judged: { readonly commit: string; readonly base?: string; readonly gates: readonly Gate[] },
  ): Promise<readonly GateResult[]>
  request(commit: string, base?: string): JudgeRequest
}

export interface SampleOptions {
  readonly setup?: readonly string[] | null
  readonly keys?: readonly string[]
  readonly cache?: readonly string[]
  readonly form?: keyof typeof forms
  /** Of the set-up, each with its value in the person's environment. */
  readonly credentials?: Readonly<Record<string, string>>
}

/** How gates are given a tree: on overlays in the sandbox that works here, or in a working tree that is put right. */
export const forms: Readonly<Record<'overlay' | 'plain', () => Promise<Containment>>> = {
  plain: async () => uncontained,
  overlay: async () => {
    const sandbox = await findSandbox(readEnvironment())
    if (sandbox.kind === 'none') return uncontained
    return {
      canOverlay: (folder) => canOverlay(sandbox, folder),
      contain: async (command, { sockets = [], ...place }) => sandboxCommand({ sandbox, command, sockets, ...place }),
    }
  },
}

const uncontained: Containment = { canOverlay: async () => false, contain: async (command) => command }

const silent: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const never = new AbortController().signal

export async function createSampleWorld(options: SampleOptions = {}): Promise<SampleWorld> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'cox-gates-')))
  const [repo, state] = [join(root, 'repo'), join(root, 'state')]
  await mkdir(repo)
  await mkdir(state)
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: repo, encoding: 'utf8' }).trim()
  git('init', '--quiet', '-b', 'main')
  git('config', 'user.name', 'A')
  git('config', 'user.email', 'a@example.com')
  git('commit', '--quiet', '--allow-empty', '-m', 'first')
  const repository = await openRepository(repo)
  const containment = await forms[options.form ?? 'plain']()
  const notices: string[] = []
  let rounds = 0
  const request: SampleWorld['request'] = (commit, base = commit) => ({
    gates: [],
    tree: git('rev-parse', `${commit}^{tree}`),
    commit,
    base,
    dir: join(root, 'runs/r1', `1-${(rounds += 1)}`, 'gates'),
    notice: async (text) => void notices.push(text),
    interrupt: never,
    shutdown: never,
  })
  return {
    root,
    state,
    repository,
    notices,
    git,
    request,
    write: (files) => writeAll(repo, files),
    commit: () => {
      git('add', '--all')
      git('commit', '--quiet', '--allow-empty', '-m', 'more')
      return git('rev-parse', 'HEAD')
    },
    open: (moved = repository) => openSample({ repository: moved, state, options, containment }),
    judge: async (gates, judged) => {
      const judgement = await gates.judge({ ...request(judged.commit, judged.base), gates: judged.gates })
      if (judgement.kind === 'set-up-failed') throw new Error(judgement.why)
      return judgement.results
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  }
}

async function writeAll(root: string, files: Readonly<Record<string, string | null>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await rm(join(root, path), { recursive: true, force: true })
    if (content === null) continue
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), content)
  }
}

function openSample(place: {
  readonly repository: Repository
  readonly state: string
  readonly options: SampleOptions
  readonly containment: Containment
}): Gates {
  const { setup = null, keys = ['lock'], cache = [], credentials = {} } = place.options
  const command: Setup | null =
    setup === null
      ? null
      : { command: [...setup], keys: [...keys], timeout: seconds(60), network: 'full', credentials: Object.keys(credentials) }
  return openGates({
    repository: place.repository,
    state: place.state,
    config: () => ({ setup: command, cache: [...cache] }),
    setupEnvironment: (trust) => ({ ...readEnvironment(), ...(trust === 'base' ? credentials : {}) }),
    gateEnvironment: readEnvironment(),
    containment: place.containment,
    cache: emptyCache(),
    exclusively: inTurn(),
    proposeSetUp: async () => null,
    now: () => Date.now(),
    logger: silent,
  })
}

function emptyCache(): GateCache {
  const known = new Map<string, GateResult>()
  return {
    get: async (gate, tree) => known.get(`${gate} ${tree}`) ?? null,
    put: async (gate, tree, result) => void known.set(`${gate} ${tree}`, result),
  }
}

function inTurn(): <T>(name: string, body: (signal: AbortSignal) => Promise<T>, signal: AbortSignal) => Promise<T> {
  const last = new Map<string, Promise<unknown>>()
  return async (name, body, signal) => {
    const running = (last.get(name) ?? Promise.resolve()).then(() => body(signal))
    last.set(
      name,
      running.catch(() => {}),
    )
    return running
  }
}

/** A gate that is a line of shell. */
export function shellGate(name: string, script: string): Gate {
  return { name, command: ['sh', '-c', script], timeoutMs: 20_000, network: 'none' }
}
