import { createHash } from 'node:crypto'
import {
  appendFileSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { open, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CoxError, mapLimit, seconds, sleep, type Duration } from '@coxswain/kernel'
import { replaceFile } from '../files/replace-file.ts'
import { findProgram } from '../find-program.ts'
import { startCommand } from './command-server.ts'
import { followLines, type OutputLine } from './follow-lines.ts'
import { canFindByVariable, findByMarker, findByVariable } from './find-by-variable.ts'
import { findGroupMembers, isGroupAlive } from './process-group.ts'
import { identify, isSameAlive, type ProcessIdentity } from './process-table.ts'
import { commandNotFound } from './run-command.ts'
import { markerName, stopGroup, type StopReport } from './stop-group.ts'

/*
 * A process that outlives us. Its folder is all there is to know about it, so that a restarted daemon attaches to it:
 *   key    who it is           pid    written by the wrapper: the leader of its process group, with its start time
 *   in     every line sent     sent   which of our ids stands at which byte of `in`
 *   out    its stdout          err    its stderr         exit   its exit code, written by the wrapper
 *   cut    there once we began to end it before its time
 * `in` is a file fed by `tail -f`: appending is sending, so that what was sent is known exactly after a crash.
 * These files are small, on this machine's disk, and touched many times a run: each way through another thread would cost ten times as much.
 */
const wrapper = `
dir=$1; input=$2; shift 2
echo $$ >"$dir/pid.tmp" && mv "$dir/pid.tmp" "$dir/pid"
trap : TERM INT HUP
exec >>"$dir/out" 2>>"$dir/err"
if [ "$input" = lines ]; then
  rm -f "$dir/pipe"; mkfifo "$dir/pipe"
  tail -c +1 -f "$dir/in" >"$dir/pipe" 2>/dev/null & feeder=$!
  "$@" <"$dir/pipe"; status=$?
  kill "$feeder" 2>/dev/null
else
  "$@" </dev/null; status=$?
fi
echo "$status" >"$dir/exit.tmp" && mv "$dir/exit.tmp" "$dir/exit"
`

export interface DetachedOptions {
  /** Private folder of this process; created when missing. */
  readonly dir: string
  /** The same key attaches to what the folder holds, unless that takes no input and was cut short; another key is refused while that is alive. */
  readonly key: string
  readonly command: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly input: 'lines' | 'none'
}

export interface DetachedExit {
  /** Null when it was killed together with its wrapper; 128 + n when it died by signal n alone. */
  readonly exitCode: number | null
}

export interface DetachedProcess {
  readonly identity: ProcessIdentity
  isAlive(): boolean
  /** Sends one line. A line that an earlier life of ours sent under this id is not sent again. */
  sendLine(id: string, line: string): Promise<void>
  hasSent(id: string): boolean
  /** stdout from its first byte on, live, until the process has exited and all is read, or the signal aborts. */
  lines(signal: AbortSignal): AsyncIterable<OutputLine>
  stdoutBytes(): number
  stderrTail(maxBytes: number): Promise<string>
  exited(signal: AbortSignal): Promise<DetachedExit>
  stop(options: { readonly grace: Duration }): Promise<StopReport>
}

/** @throws CoxError COMMAND_NOT_FOUND, PROCESS_FOLDER_TAKEN, PROCESS_NOT_STARTED */
export async function startDetached(options: DetachedOptions): Promise<DetachedProcess> {
  const present = await attachDetached(options.dir)
  if (present !== null) {
    const key = await readFile(join(options.dir, 'key'), 'utf8')
    if (key === options.key && (options.input === 'lines' || !wasCutShort(options.dir, present))) return present
    if (present.isAlive()) {
      throw new CoxError('PROCESS_FOLDER_TAKEN', `${options.dir} holds a live process of another key`, {
        hint: 'Stop that process first.',
        data: { key },
      })
    }
  }
  await spawnWrapper(options)
  const started = await waitForPid(options.dir, 10_000)
  if (started === null) {
    throw new CoxError('PROCESS_NOT_STARTED', `${options.command[0]} did not start`, {
      hint: 'Check the free memory, disk space and process limits of this machine.',
    })
  }
  return describe(options.dir, started)
}

/** The process that this folder holds, live or exited; null when it never started one. */
export async function attachDetached(dir: string): Promise<DetachedProcess | null> {
  if (!existsSync(join(dir, 'key'))) return null
  // We may have died between starting the wrapper and its first write; it needs moments to name itself, and before that to carry its marker.
  const isStarting = (): boolean => findByMarker(markerName, markerOf(dir)).length > 0
  const identity = (await waitForPid(dir, 500)) ?? (await waitForPid(dir, isStarting() ? 10_000 : 0))
  return identity === null ? null : describe(dir, identity)
}

/** How it ended says nothing about its work. */
function wasCutShort(dir: string, process: DetachedProcess): boolean {
  return existsSync(join(dir, 'cut')) && !process.isAlive()
}

async function spawnWrapper(options: DetachedOptions): Promise<void> {
  const { dir, command } = options
  const program = await findProgram(command[0] ?? '', options.env)
  if (program === null) throw commandNotFound(command[0] ?? '')
  if (!existsSync(options.cwd))
    throw new CoxError('FOLDER_MISSING', `Cannot run ${command[0]} in ${options.cwd}: the folder is missing`, {
      hint: 'Create the folder first.',
    })
  if (mkdirSync(dir, { recursive: true }) === undefined)
    for (const file of ['pid', 'pid.started', 'exit', 'out', 'err', 'in', 'sent', 'pipe', 'cut'])
      rmSync(join(dir, file), { force: true })
  writeFileSync(join(dir, 'in'), '')
  writeFileSync(join(dir, 'out'), '')
  replaceFile(join(dir, 'key'), options.key)
  const started = startCommand({
    command: ['/bin/sh', '-c', wrapper, 'coxswain', dir, options.input, program, ...command.slice(1)],
    cwd: options.cwd,
    env: { ...options.env, [markerName]: markerOf(dir) },
    stdin: null,
    maxOutputBytes: null,
  })
  await started.ended.catch(() => {}) // seen by the caller as a process that never named its pid
}

async function waitForPid(dir: string, limitMs: number): Promise<ProcessIdentity | null> {
  const file = join(dir, 'pid')
  for (let waited = 0; !existsSync(file); waited += 4) {
    if (waited >= limitMs) return null
    await sleep(4)
  }
  const pid = Number(readFileSync(file, 'utf8'))
  const startFile = join(dir, 'pid.started')
  if (existsSync(startFile)) return { pid, startedAt: readFileSync(startFile, 'utf8') }
  const identity = identify(pid)
  // Gone before anybody looked: no live process can be mistaken for it.
  replaceFile(startFile, identity?.startedAt ?? 'exited')
  return identity ?? { pid, startedAt: 'exited' }
}

function describe(dir: string, identity: ProcessIdentity): DetachedProcess {
  const sent = readSent(dir)
  const hasExited = (): boolean => existsSync(join(dir, 'exit')) || !isSameAlive(identity)
  let lookedAt = -Infinity
  // One that ends by itself says so in a file; whether it was killed is worth a look now and then.
  const hasEnded = (): boolean => {
    if (performance.now() - lookedAt < longestPollMs) return existsSync(join(dir, 'exit'))
    lookedAt = performance.now()
    return hasExited()
  }
  return {
    identity,
    isAlive: () => !hasExited(),
    hasSent: (id) => sent.has(id),
    sendLine: async (id, line) => {
      if (sent.has(id)) return
      sent.add(id)
      appendLine(dir, id, line)
    },
    lines: (signal) => followLines({ file: join(dir, 'out'), hasEnded, signal }),
    stdoutBytes: () => statSync(join(dir, 'out'), { throwIfNoEntry: false })?.size ?? 0,
    stderrTail: (maxBytes) => readTail(join(dir, 'err'), maxBytes),
    exited: async (signal) => {
      for (let waited = 0, pause = 0; !hasEnded(); waited += pause) {
        pause = Math.min(longestPollMs, Math.max(shortestPollMs, waited / 20))
        await sleep(pause, signal)
      }
      return { exitCode: readExitCode(dir) }
    },
    stop: ({ grace }) => stopGroup(groupOf(identity), markerOf(dir), grace),
  }
}

/** A pid that belongs to somebody else by now must not be signalled; the marker finds what is left of ours. */
function groupOf(identity: ProcessIdentity): number {
  const now = identify(identity.pid)
  return now !== null && now.startedAt !== identity.startedAt ? noGroup : identity.pid
}

const noGroup = 0x7fffffff
/** An end is noticed within a twentieth of the time that the process took. */
const shortestPollMs = 10
const longestPollMs = 250

/** Ids whose line stands whole in `in`: one that was announced but not written before a crash is sent again. */
function readSent(dir: string): Set<string> {
  const ids = new Set<string>()
  const file = join(dir, 'sent')
  if (!existsSync(file)) return ids
  const size = statSync(join(dir, 'in')).size
  for (const record of readFileSync(file, 'utf8').split('\n')) {
    const [offset, id] = [record.slice(0, record.indexOf(' ')), record.slice(record.indexOf(' ') + 1)]
    if (id !== '' && Number(offset) < size) ids.add(id)
  }
  return ids
}

function appendLine(dir: string, id: string, line: string): void {
  if (/[\n\r]/.test(line)) throw new Error('a line has no line break')
  const input = openSync(join(dir, 'in'), constants.O_WRONLY | constants.O_APPEND)
  try {
    appendFileSync(join(dir, 'sent'), `${fstatSync(input).size} ${id.replaceAll(/[\n\r]/g, ' ')}\n`)
    appendFileSync(input, `${line}\n`)
  } finally {
    closeSync(input)
  }
}

async function readTail(file: string, maxBytes: number): Promise<string> {
  const handle = await open(file, 'r').catch(() => null)
  if (handle === null) return ''
  try {
    const { size } = await handle.stat()
    const length = Math.min(size, maxBytes)
    const buffer = Buffer.alloc(length)
    await handle.read(buffer, 0, length, size - length)
    return buffer.toString('utf8')
  } finally {
    await handle.close()
  }
}

function readExitCode(dir: string): number | null {
  const file = join(dir, 'exit')
  const code = existsSync(file) ? readFileSync(file, 'utf8').trim() : ''
  return code === '' ? null : Number(code) // empty after a failure of the machine: nothing is known
}

function markerOf(dir: string): string {
  return createHash('sha256').update(dir).digest('hex').slice(0, 24)
}

/** Ends what a folder holds, also when only escaped processes are left of it. */
export async function stopDetached(dir: string): Promise<StopReport> {
  const present = await attachDetached(dir)
  return present === null ? stopGroup(noGroup, markerOf(dir), seconds(0)) : present.stop({ grace: seconds(2) })
}

/**
 * Stops every detached process whose folder lies at most a few levels below `root`; what is gone already costs one look at all processes together.
 * One that has not ended by itself is marked as cut short before that, so that nobody takes its end for a result.
 */
export async function stopDetachedBelow(root: string): Promise<void> {
  for (const { dir, isMarked } of await startedBelow(root)) {
    if (!isMarked && canFindByVariable && !hasGroup(dir)) continue
    if (!existsSync(join(dir, 'exit'))) writeFileSync(join(dir, 'cut'), '')
    await stopDetached(dir)
  }
}

/** Folders of detached processes below `root` of which anything is alive, whoever started them. */
export async function findDetachedBelow(root: string): Promise<readonly string[]> {
  const started = await startedBelow(root)
  return started.filter(({ dir, isMarked }) => (canFindByVariable ? isMarked : hasGroup(dir))).map(({ dir }) => dir)
}

/** Live processes of what was started below `root`: those that carry its marker, and the members of the groups that it leads. */
export async function findProcessesBelow(root: string): Promise<readonly number[]> {
  const folders = await processFolders(root, deepest)
  if (folders.length === 0) return []
  const markers = new Set(folders.map(markerOf))
  const marked = findByVariable(markerName).filter(({ value }) => markers.has(value))
  return [...new Set([...marked.map(({ pid }) => pid), ...folders.flatMap(groupMembersOf)])].filter((pid) => pid !== process.pid)
}

function groupMembersOf(dir: string): readonly number[] {
  const read = (file: string): string => (existsSync(join(dir, file)) ? readFileSync(join(dir, file), 'utf8') : '')
  const pid = Number(read('pid'))
  return pid > 0 ? findGroupMembers(groupOf({ pid, startedAt: read('pid.started') })) : []
}

interface Started {
  readonly dir: string
  /** Some live process carries its marker. */
  readonly isMarked: boolean
}

async function startedBelow(root: string): Promise<readonly Started[]> {
  const folders = await processFolders(root, deepest)
  const marked = new Set(folders.length === 0 ? [] : findByVariable(markerName).map(({ value }) => value))
  return folders.map((dir) => ({ dir, isMarked: marked.has(markerOf(dir)) }))
}

const deepest = 4

async function processFolders(root: string, depth: number): Promise<string[]> {
  const entries = await readdir(root, { withFileTypes: true }).catch(() => [])
  if (entries.some((entry) => entry.name === 'key' && entry.isFile())) return [root]
  if (depth === 0) return []
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => join(root, entry.name))
  return (await mapLimit(folders, 8, (folder) => processFolders(folder, depth - 1))).flat()
}

/** The group of its pid has members, whosever they are by now. */
function hasGroup(dir: string): boolean {
  const file = join(dir, 'pid')
  return existsSync(file) && isGroupAlive(Number(readFileSync(file, 'utf8')))
}
