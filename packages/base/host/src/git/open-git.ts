import { CoxError, minutes, type Duration } from '@coxswain/kernel'
import { readEnvironment, scrubEnvironment } from '../environment.ts'
import { explainRefusal } from './explain-refusal.ts'
import { gitFolders, gitFoldersAt, type GitFolders } from './git-folders.ts'
import { orphanMark } from '../process/orphans.ts'
import { runCommand, runForBytes, type CommandOptions, type CommandResult } from '../process/run-command.ts'

/** git in one folder. Arguments are arrays; hooks, prompts, pagers and background maintenance are off. */
export interface Git {
  readonly cwd: string
  /** Where git keeps what it knows of this working tree. */
  folders(): GitFolders
  /** git in another folder, whose settings' programs are started in the same way. */
  at(cwd: string, gitDir?: string): Git
  /** stdout without the last line break. @throws CoxError GIT_FAILED, GIT_OUTPUT_LARGE */
  run(args: readonly string[], options?: GitOptions): Promise<string>
  /** The bytes of stdout, for what is no text or tells its own sizes. @throws CoxError GIT_FAILED, GIT_OUTPUT_LARGE */
  read(args: readonly string[], options?: GitOptions): Promise<Uint8Array>
  /** The result whatever the exit code. */
  attempt(args: readonly string[], options?: GitOptions): Promise<CommandResult>
}

export interface GitOptions {
  readonly stdin?: string | Uint8Array
  readonly env?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  readonly maxOutputBytes?: number
  readonly timeout?: Duration
}

/* What a person set for their own commands neither changes what ours do nor what they print. What their files are like stays theirs:
   attributes, ignored files, line ends, filters. */
/** As words of a command line, for who starts git in another way. */
export const fixedSettings: readonly string[] = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'gc.auto=0',
  'maintenance.auto=false',
  // Others hold these for moments, which are long on a busy machine: the default of 100 ms is soon over.
  'core.filesRefLockTimeout=10000',
  'core.packedRefsTimeout=10000',
  'core.quotePath=false',
  'advice.detachedHead=false',
  'commit.gpgSign=false',
  'diff.external=',
  'diff.renames=true',
  'diff.orderFile=/dev/null',
  'color.grep=false',
  'log.showSignature=false',
  'status.showUntrackedFiles=normal',
  // Messages are handed over, and read, as UTF-8.
  'i18n.commitEncoding=UTF-8',
  'i18n.logOutputEncoding=UTF-8',
  // Work is kept as it is; and submodules are brought where they belong by `submodules.ts`.
  'core.safecrlf=false',
  'add.ignoreErrors=false',
  'submodule.recurse=false',
  // Indexes are copied, and worktrees moved with their state folder, one file at a time.
  'core.splitIndex=false',
  'worktree.useRelativePaths=false',
].flatMap((setting) => ['-c', setting])

export interface OpenGitOptions {
  /** Where a command could put another `.git` in the folder, or is alive that could; it is not looked for then. */
  readonly gitDir?: string
  /** Without: git starts the programs that settings name for files as it does for a person. */
  readonly drivers?: Drivers
}

/** How programs are started that a person's settings name for files: filters, merge drivers. */
export interface Drivers {
  /** Variables with which git starts them in another way; null where it would start none. */
  around(call: DriverCall): Promise<Readonly<Record<string, string>> | null>
  /** @throws CoxError where git went on past one that failed */
  check(args: readonly string[], stderr: string): void
}

export interface DriverCall {
  readonly args: readonly string[]
  /** The folder of the files, and what git's worktrees share. */
  readonly top: string
  readonly common: () => string
  readonly environment: Readonly<Record<string, string>>
  /** `git config` with these words, in that folder. */
  config(words: readonly string[]): Promise<CommandResult>
}

export function openGit(cwd: string, { gitDir, drivers }: OpenGitOptions = {}): Git {
  const place = gitDir === undefined ? [] : [`--git-dir=${gitDir}`, `--work-tree=${cwd}`]
  // When first needed: a worktree is often opened for its path alone.
  let kept: Readonly<Record<string, string>> | undefined
  const plain = (args: readonly string[], options: GitOptions = {}): CommandOptions => ({
    command: ['git', ...fixedSettings, ...place, ...args],
    cwd,
    env: { ...(kept ??= environmentOfGit()), ...orphanMark(), ...options.env },
    maxOutputBytes: options.maxOutputBytes ?? 64 * 1024 * 1024,
    timeout: options.timeout ?? minutes(10),
    ...(options.stdin === undefined ? {} : { stdin: options.stdin }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  })
  const folders = (): GitFolders => (gitDir === undefined ? gitFolders(cwd) : gitFoldersAt(gitDir))
  /** Runs git with its drivers contained where it may start some. */
  const start = async <T extends Ended>(
    run: (options: CommandOptions) => Promise<T>,
    args: readonly string[],
    options?: GitOptions,
  ): Promise<T> => {
    const made = plain(args, options)
    const env = await drivers?.around({
      args,
      top: cwd,
      common: () => folders().common,
      environment: made.env,
      config: (words) => runCommand(plain(['config', ...words])),
    })
    if (env === undefined || env === null) return run(made)
    const result = await run({ ...made, env: { ...made.env, ...env } })
    drivers?.check(args, result.stderr)
    return result
  }
  return {
    cwd,
    folders,
    at: (folder, itsGitDir) =>
      openGit(folder, {
        ...(itsGitDir === undefined ? {} : { gitDir: itsGitDir }),
        ...(drivers === undefined ? {} : { drivers }),
      }),
    attempt: (args, options) => start(runCommand, args, options),
    read: async (args, options) => requireWhole(await start(runForBytes, args, options), cwd, args).stdout,
    run: async (args, options) => requireWhole(await start(runCommand, args, options), cwd, args).stdout.replace(/\n$/, ''),
  }
}

function environmentOfGit(): Readonly<Record<string, string>> {
  return {
    ...scrubEnvironment(readEnvironment(), ['HOME', 'XDG_CONFIG_HOME', 'SSH_AUTH_SOCK', 'GNUPGHOME']),
    LC_ALL: 'C.UTF-8',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    // Work is judged, approved and landed as git keeps it, not as `git replace` shows it.
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_PAGER: 'cat',
    GIT_EDITOR: 'true',
  }
}

type Ended = Omit<CommandResult, 'stdout'>

/** What is cut says something else than git did. */
function requireWhole<T extends Ended>(result: T, cwd: string, args: readonly string[]): T {
  if (result.exitCode !== 0) throw gitFailed(cwd, args, result)
  if (!result.truncated) return result
  throw new CoxError('GIT_OUTPUT_LARGE', `git ${args[0]} wrote more in ${cwd} than is read`, {
    hint: 'Take large generated files out of the change, or ignore them.',
  })
}

export function gitFailed(cwd: string, args: readonly string[], result: Ended): CoxError {
  const refused = explainRefusal(result.stderr)
  if (refused !== null) return refused
  const words = result.stderr.trim().split('\n').slice(-4).join(' ')
  const isFull = /no space left on device|disk quota exceeded/i.test(result.stderr)
  if (isFull)
    return new CoxError('DISK_FULL', `git ${args[0]} failed in ${cwd}: ${words}`, {
      hint: 'Free disk space, then run the same command again; nothing was lost.',
    })
  return new CoxError(
    'GIT_FAILED',
    `git ${args.join(' ').slice(0, 200)} failed in ${cwd} with exit code ${result.exitCode}: ${words}`,
    {
      hint: 'Run the git command by hand in that folder to see what it needs.',
      data: { exitCode: result.exitCode, timedOut: result.timedOut },
    },
  )
}
