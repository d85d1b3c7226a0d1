import { realpath, stat } from 'node:fs/promises'
import { readEnvironment } from '@coxswain/host'
import { CoxError, mapLimit } from '@coxswain/kernel'
import { findGitPaths, mountPrivateGit, type Shown } from './git-paths.ts'
import { hiddenFolders } from './hidden-folders.ts'
import { isWithin } from './is-within.ts'
import { liveSockets } from './live-sockets.ts'
import { planProxy } from './plan-proxy.ts'
import type { Layers, SandboxPlan, SandboxStep } from './sandbox-plan.ts'
import { cutSecrets, emptied, shownHomes } from './shown-homes.ts'
import { shownPrograms } from './shown-programs.ts'

export interface PlanOptions {
  readonly command: readonly string[]
  readonly cwd: string
  /** Writable except for its `.git`. */
  readonly worktree: string
  readonly writable: readonly string[]
  /** What comes back of folders that are hidden: homes but for their tools, /tmp, /run, and our own state. The command's own files are found. */
  readonly readable?: readonly string[]
  /** Sockets that the command may connect to; all others outside of what it may write are closed. */
  readonly sockets?: readonly string[]
  /** What is written below `at`, a folder that exists and may be `lower` itself or the worktree, goes to `upper`; `work` is an empty folder beside `upper`. */
  readonly overlays?: readonly Overlay[]
  /** A private git folder (`refreshPrivateGit` of host) that takes the place of a linked worktree's own: the command writes there, and nobody else reads it. */
  readonly git?: string
  /** `proxied`: a network of its own, out of which a proxy of ours leads to the internet and nowhere else. */
  readonly network: 'full' | 'none' | 'proxied'
  /** `ordinary` for a command that starts a sandbox of its own: root cannot, without a capability that leads out. */
  readonly user?: SandboxPlan['user']
  /** The person's: says where homes, state and programs are. Ours when absent. */
  readonly environment?: Readonly<Record<string, string>>
}

export interface Overlay extends Layers {
  readonly at: string
}

/** Where /etc/resolv.conf may point to, and NixOS's programs. */
const resolverFolders = ['/run/systemd/resolve', '/run/resolvconf', '/run/NetworkManager', '/run/current-system']

/** Looks at the file system, changes nothing. @throws CoxError FOLDER_MISSING */
export async function planSandbox(options: PlanOptions): Promise<SandboxPlan> {
  const proxy = options.network === 'proxied' ? await planProxy(options) : null
  const steps = [...(await planSteps(options)), ...(proxy?.steps ?? [])]
  return {
    command: proxy?.command ?? options.command,
    cwd: await realpath(options.cwd),
    steps: byDepth([...steps, ...(await closeSockets(steps))]),
    network: options.network === 'full' ? 'full' : 'none',
    user: options.user ?? 'same',
    // `git status` must not try to refresh an index that it cannot write.
    variables: { GIT_OPTIONAL_LOCKS: '0', ...proxy?.variables },
  }
}

/** Outer folders first, so that what is mounted inside another folder wins. Among equals the later one does. */
function byDepth(steps: readonly SandboxStep[]): SandboxStep[] {
  const depth = ({ path }: SandboxStep): number => path.split('/').length
  return steps.toSorted((left, right) => depth(left) - depth(right))
}

async function planSteps(options: PlanOptions): Promise<SandboxStep[]> {
  const { command, environment = readEnvironment() } = options
  const folders = await hiddenFolders(environment)
  const worktree = await existing(options.worktree)
  const overlays = await mapLimit(options.overlays ?? [], 8, realOverlay)
  const layered = new Map(overlays.map((overlay) => [overlay.path, overlay]))
  const named = await mapLimit([...(options.readable ?? []), ...(options.sockets ?? [])], 8, existing)
  const writable = await mapLimit(options.writable, 8, existing)
  const lower = layered.get(worktree)?.lower ?? worktree
  const programs = [...(await presentAmong(resolverFolders)), ...(await shownPrograms({ command, environment, folders }))]
  const shown = [...(await shownHomes(folders)), ...programs.map(itself)]
  const paths = [...shown.map(({ path }) => path), ...named]
  return byDepth([
    ...folders.private.map((path) => ({ kind: 'private', path }) as const),
    ...folders.hidden.map((path) => ({ kind: 'hide', path }) as const),
    ...(await mapLimit(folders.emptied, 8, emptied)),
    ...shown.map(show),
    ...(await cutSecrets(folders, paths)),
    ...named.map(itself).map(show),
    ...overlays,
    ...[worktree, ...writable]
      .filter((path) => !layered.has(path))
      .map((path) => ({ kind: 'open', path, source: path }) as const),
    ...(await findGitPaths(worktree, lower)).map(show),
    ...(options.git === undefined ? [] : await mountPrivateGit(worktree, options.git)),
  ])
}

function itself(path: string): Shown {
  return { path, source: path }
}

function show({ path, source }: Shown): SandboxStep {
  return { kind: 'show', path, source }
}

/** Those that are seen and cannot be written around. */
async function closeSockets(steps: readonly SandboxStep[]): Promise<SandboxStep[]> {
  const seen = (await liveSockets()).filter((socket) => {
    const step = steps.findLast(({ path }) => isWithin(socket, path))
    return step === undefined || (step.kind === 'show' && step.path !== socket)
  })
  return mapLimit(seen, 8, emptied)
}

async function realOverlay({ at, lower, upper, work }: Overlay): Promise<Extract<SandboxStep, { kind: 'overlay' }>> {
  const [path = at, realLower = lower, realUpper = upper, realWork = work] = await Promise.all(
    [at, lower, upper, work].map(existing),
  )
  return { kind: 'overlay', path, lower: realLower, upper: realUpper, work: realWork }
}

async function presentAmong(paths: readonly string[]): Promise<string[]> {
  const kinds = await mapLimit(paths, 8, (path) => stat(path).catch(() => null))
  return paths.filter((_, index) => kinds[index] !== null)
}

async function existing(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (cause) {
    throw new CoxError('FOLDER_MISSING', `Cannot give ${path} to a sandbox: it does not exist`, {
      hint: 'Create the folder first.',
      cause,
    })
  }
}
