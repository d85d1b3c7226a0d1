import { realpath, stat } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { CoxError, mapLimit } from '@coxswain/kernel'
import { readEnvironment } from '../environment.ts'
import { findGitPaths, type Shown } from './git-paths.ts'
import type { Layers, SandboxPlan, SandboxStep } from './sandbox-plan.ts'

export interface PlanOptions {
  readonly command: readonly string[]
  readonly cwd: string
  /** Writable except for its `.git`. */
  readonly worktree: string
  readonly writable: readonly string[]
  /** The whole file system is readable, except /tmp and /run, which are private: name here what lies in them. Folders of the command's own files are found. */
  readonly readable?: readonly string[]
  /** What is written below `at`, a folder that exists and may be `lower` itself or the worktree, goes to `upper`; `work` is an empty folder beside `upper`. */
  readonly overlays?: readonly Overlay[]
  readonly network: SandboxPlan['network']
}

export interface Overlay extends Layers {
  readonly at: string
}

/** Where /etc/resolv.conf may point to, and NixOS's programs. */
const resolverFolders = ['/run/systemd/resolve', '/run/resolvconf', '/run/NetworkManager', '/run/current-system']

/** /run is private because sockets in it (Docker, the session bus) accept connections on a read-only mount too and lead out. */
const privateFolders = ['/tmp', '/run']

/** Looks at the file system, changes nothing. @throws CoxError FOLDER_MISSING */
export async function planSandbox(options: PlanOptions): Promise<SandboxPlan> {
  return {
    command: options.command,
    cwd: await realpath(options.cwd),
    steps: await planSteps(options),
    network: options.network,
    // `git status` must not try to refresh an index that it cannot write.
    variables: { GIT_OPTIONAL_LOCKS: '0' },
  }
}

/** Outer folders first, so that what is mounted inside another folder wins; the git folders last among equals. */
async function planSteps(options: PlanOptions): Promise<SandboxStep[]> {
  const worktree = await existingFolder(options.worktree)
  const overlays = await mapLimit(options.overlays ?? [], 8, realOverlay)
  const layered = new Map(overlays.map((overlay) => [overlay.path, overlay]))
  const readable = await mapLimit(options.readable ?? [], 8, existingFolder)
  const writable = await mapLimit(options.writable, 8, existingFolder)
  const lower = layered.get(worktree)?.lower ?? worktree
  const steps: SandboxStep[] = [
    ...privateFolders.map((path) => ({ kind: 'private', path }) as const),
    ...(await presentAmong(resolverFolders)).map((path) => shown({ path, source: path })),
    ...[...(await findProgramFolders(options.command)), ...readable].map((path) => shown({ path, source: path })),
    ...overlays,
    ...[worktree, ...writable]
      .filter((path) => !layered.has(path))
      .map((path) => ({ kind: 'open', path, source: path }) as const),
    ...(await findGitPaths(worktree, lower)).map(shown),
  ]
  const depth = ({ path }: SandboxStep): number => path.split('/').length
  return steps.toSorted((left, right) => depth(left) - depth(right))
}

function shown({ path, source }: Shown): SandboxStep {
  return { kind: 'show', path, source }
}

async function realOverlay({ at, lower, upper, work }: Overlay): Promise<Extract<SandboxStep, { kind: 'overlay' }>> {
  const [path, ...layers] = await Promise.all([at, lower, upper, work].map(existingFolder))
  const [realLower = '', realUpper = '', realWork = ''] = layers
  return { kind: 'overlay', path: path ?? at, lower: realLower, upper: realUpper, work: realWork }
}

/** A program, a script or a folder of PATH in a private folder needs what lies around it, such as the packages it imports: the outermost folder that holds it is seen. */
function findProgramFolders(command: readonly string[]): Promise<string[]> {
  const programFolders = (readEnvironment()['PATH'] ?? '').split(delimiter)
  const outermost = [...command, ...programFolders].flatMap((argument) => {
    const top = privateFolders.find((folder) => argument.startsWith(`${folder}/`))
    const [name = ''] = top === undefined ? [] : argument.slice(top.length + 1).split('/')
    return top === undefined || name === '' || name === '..' ? [] : [join(top, name)]
  })
  return presentAmong([...new Set(outermost)])
}

async function presentAmong(paths: readonly string[]): Promise<string[]> {
  const kinds = await Promise.all(paths.map((path) => stat(path).catch(() => null)))
  return paths.filter((_, index) => kinds[index] !== null)
}

async function existingFolder(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (cause) {
    throw new CoxError('FOLDER_MISSING', `Cannot give ${path} to a sandbox: it does not exist`, {
      hint: 'Create the folder first.',
      cause,
    })
  }
}
