import { readFileSync, readlinkSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { counted, CoxError } from '@coxswain/kernel'
import { listPids } from '../process/process-table.ts'

/** What git's own words say that a person can settle; null for any other failure. */
export function explainRefusal(stderr: string): CoxError | null {
  return explainOwner(stderr) ?? explainLock(stderr)
}

/** git works in no repository whose files belong to another user, unless it is told to. In every language it names this command. */
export function explainOwner(stderr: string): CoxError | null {
  const [command, folder] = /git config --global --add safe\.directory (\S.*)$/m.exec(stderr) ?? []
  if (command === undefined || folder === undefined) return null
  return new CoxError(
    'REPOSITORY_OF_ANOTHER',
    `git refuses to work in ${folder}: its files belong to another user, and safe.directory does not list it`,
    { hint: `If you trust what is in it: ${command}` },
  )
}

function explainLock(stderr: string): CoxError | null {
  const file = /'([^'\n]+\.lock)': File exists/.exec(stderr)?.[1]
  const lock = file === undefined ? null : describeLock(file)
  if (lock === null) return null
  return new CoxError('GIT_LOCKED', `${lock.file} ${lock.what}`, { hint: lock.hint })
}

export interface GitLock {
  readonly file: string
  /** "is 3 minutes old, and no git command works in that repository". */
  readonly what: string
  readonly hint: string
  /** Nobody is seen who could hold it. */
  readonly isAbandoned: boolean
}

/** A lock file as it is now; null when it is gone. It is never removed: on another machine or in a container its holder may live unseen. */
export function describeLock(file: string): GitLock | null {
  const changed = statSync(file, { throwIfNoEntry: false })?.mtimeMs
  if (changed === undefined) return null
  const age = `is ${spoken(Math.max(0, Date.now() - changed) / 1000)} old`
  const holders = gitProcessesIn(dirname(file))
  const isAbandoned = holders.length === 0
  return {
    file,
    isAbandoned,
    what: isAbandoned
      ? `${age}, and no git command that could hold it works in that repository on this machine`
      : `${age}; ${holders.join(', ')} may hold it`,
    hint: isAbandoned ? `If nothing else uses the repository, remove it: rm '${file}'.` : 'Wait until that command has ended.',
  }
}

function spoken(secondsOld: number): string {
  if (secondsOld < 120) return counted(Math.round(secondsOld), 'second')
  if (secondsOld < 7200) return counted(Math.round(secondsOld / 60), 'minute')
  return secondsOld < 172_800 ? counted(Math.round(secondsOld / 3600), 'hour') : counted(Math.round(secondsOld / 86_400), 'day')
}

/** Live git programs that work in the repository of this git folder, or name it; also those that do not show where they work. */
function gitProcessesIn(gitDir: string): string[] {
  const place = gitDir.replace(/\/\.git(?:\/.*)?$/, '')
  const found: string[] = []
  for (const pid of listPids()) {
    const [program = '', ...args] = readProc(pid, 'cmdline').split('\0')
    if (!/(?:^|\/)git(?:-[a-z-]+)?$/.test(program)) continue
    const at = folderOf(pid)
    if (at === null || [at, ...args].some((path) => isIn(path, place))) found.push(`git (pid ${pid})`)
  }
  return found
}

function isIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`)
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}

/** Null for a process of another user. */
function folderOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return null
  }
}
