import { realpath, readFile, stat } from 'node:fs/promises'
import { delimiter, dirname, join, resolve } from 'node:path'
import { CoxError, mapLimit } from '@coxswain/kernel'
import { readEnvironment } from '../environment.ts'

export interface SandboxOptions {
  /** The program of `findSandbox`. */
  readonly program: string
  readonly command: readonly string[]
  readonly cwd: string
  /** Writable except for its `.git`. */
  readonly worktree: string
  readonly writable: readonly string[]
  /** The whole file system is readable, except /tmp and /run, which are private: name here what lies in them. Folders of the command's own files are found. */
  readonly readable?: readonly string[]
  /** `none` leaves a loopback interface of its own. */
  readonly network: 'full' | 'none'
}

/** Where /etc/resolv.conf may point to, and NixOS's programs. */
const resolverFolders = ['/run/systemd/resolve', '/run/resolvconf', '/run/NetworkManager', '/run/current-system']

/*
 * What every sandbox has. No --new-session: the program must stay in our process group to be stopped, and it has no terminal to inject input into.
 * /run is private because sockets in it (Docker, the session bus) accept connections on a read-only mount too and lead out.
 */
export const sandboxFlags: readonly string[] = [
  '--ro-bind / / --dev /dev --proc /proc --tmpfs /tmp --tmpfs /run',
  ...resolverFolders.map((path) => `--ro-bind-try ${path} ${path}`),
  // Bubblewrap leaves the kernel's settings writable for root.
  '--ro-bind /proc/sys /proc/sys --ro-bind-try /proc/sysrq-trigger /proc/sysrq-trigger',
  '--unshare-pid --unshare-ipc --die-with-parent --cap-drop ALL',
].flatMap((flags) => flags.split(' '))

/** Root without capabilities cannot write files of other users; with these it still cannot mount, load or trace anything. */
const rootCapabilities = ['CAP_DAC_OVERRIDE', 'CAP_CHOWN', 'CAP_FOWNER'].flatMap((name) => ['--cap-add', name])

/** The argument array that runs a command in bubblewrap. Its whole process tree dies with it. @throws CoxError FOLDER_MISSING */
export async function sandboxCommand(options: SandboxOptions): Promise<string[]> {
  return [
    options.program,
    ...sandboxFlags,
    ...(process.getuid?.() === 0 ? rootCapabilities : []),
    ...(await planMounts(options)).flatMap((mount) => [mount.isWritable ? '--bind' : '--ro-bind', mount.path, mount.path]),
    ...(options.network === 'none' ? ['--unshare-net'] : []),
    // `git status` must not try to refresh an index that it cannot write.
    '--setenv',
    'GIT_OPTIONAL_LOCKS',
    '0',
    '--chdir',
    await realpath(options.cwd),
    '--',
    ...options.command,
  ]
}

interface Mount {
  readonly path: string
  readonly isWritable: boolean
}

/** Outer folders first, so that what is mounted inside another folder wins; the git folders last among equals. */
async function planMounts(options: SandboxOptions): Promise<Mount[]> {
  const worktree = await existingFolder(options.worktree)
  const readable = await mapLimit(options.readable ?? [], 8, existingFolder)
  const writable = await mapLimit(options.writable, 8, existingFolder)
  const mounts = [
    ...[...(await findProgramFolders(options.command)), ...readable].map((path) => ({ path, isWritable: false })),
    ...[worktree, ...writable].map((path) => ({ path, isWritable: true })),
    ...(await findGitPaths(worktree)).map((path) => ({ path, isWritable: false })),
  ]
  return mounts.toSorted((left, right) => left.path.split('/').length - right.path.split('/').length)
}

const privateFolders = ['/tmp', '/run']

/** A program, a script or a folder of PATH in a private folder needs what lies around it, such as the packages it imports: the outermost folder that holds it is seen. */
async function findProgramFolders(command: readonly string[]): Promise<string[]> {
  const programFolders = (readEnvironment()['PATH'] ?? '').split(delimiter)
  const outermost = [...command, ...programFolders].flatMap((argument) => {
    const top = privateFolders.find((folder) => argument.startsWith(`${folder}/`))
    const [name = ''] = top === undefined ? [] : argument.slice(top.length + 1).split('/')
    return top === undefined || name === '' || name === '..' ? [] : [join(top, name)]
  })
  const found = await Promise.all(
    [...new Set(outermost)].map((path) =>
      stat(path).then(
        () => path,
        () => null,
      ),
    ),
  )
  return found.filter((path) => path !== null)
}

/** A rewritten `.git` would make the next git command outside the sandbox run hooks of the agent's choice, hence read-only. */
async function findGitPaths(worktree: string): Promise<string[]> {
  const dotGit = join(worktree, '.git')
  const kind = await stat(dotGit).catch(() => null)
  if (kind === null) return []
  if (kind.isDirectory()) return [await realpath(dotGit)]
  const pointer = /^gitdir: (.+)$/m.exec(await readFile(dotGit, 'utf8'))?.[1]
  if (pointer === undefined) return [dotGit]
  const gitDir = await realpath(resolve(worktree, pointer)).catch(() => null)
  if (gitDir === null) return [dotGit]
  const common = await readFile(join(gitDir, 'commondir'), 'utf8').catch(() => '.')
  return [dotGit, gitDir, await realpath(resolve(gitDir, common.trim())).catch(() => dirname(gitDir))]
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
