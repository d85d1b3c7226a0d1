import { access } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import {
  addWorktree,
  detachAt,
  fillSubmodules,
  findProgram,
  openWorktree,
  removeWorktree,
  resolveCommit,
  runCommand,
  strayFiles,
} from '@coxswain/host'
import type { Git, Repository } from '@coxswain/host'
import { formatDuration, redact, type Duration } from '@coxswain/kernel'
import type { ProposedGate, ProposedSetup, Toolchain } from './toolchain.ts'

/** What was seen of one command on a clean worktree. */
export type Trial =
  | { readonly kind: 'passed'; readonly wallMs: number }
  /** The last lines that it printed, safe to show. */
  | { readonly kind: 'failed'; readonly reason: string; readonly excerpt: readonly string[] }
  | { readonly kind: 'not-tried'; readonly reason: string }

export interface TriedToolchain {
  readonly setup: (ProposedSetup & { readonly trial: Trial }) | null
  readonly gates: readonly (ProposedGate & { readonly trial: Trial })[]
  readonly notes: readonly string[]
}

export interface TrialOptions {
  readonly repository: Repository
  /** Where the worktree stands meanwhile. */
  readonly path: string
  /** Set-up reaches the network, gates do not, as in a run. */
  readonly contain: (
    command: readonly string[],
    place: { readonly worktree: string; readonly isSetup: boolean },
  ) => Promise<readonly string[]>
  readonly env: Readonly<Record<string, string>>
  readonly limits: { readonly setup: Duration; readonly gate: Duration }
  /** Hears what begins and how it ended. */
  readonly say: (line: string) => void
  readonly signal: AbortSignal
}

/** The same proposals, where nothing could be or was to be tried. */
export function untried({ setup, gates, notes }: Toolchain, reason: string): TriedToolchain {
  const trial: Trial = { kind: 'not-tried', reason }
  return { setup: setup === null ? null : { ...setup, trial }, gates: gates.map((gate) => ({ ...gate, trial })), notes }
}

/** Runs what was proposed on the commit that is checked out, in a worktree that is gone afterwards. @throws the signal's reason */
export async function tryToolchain(toolchain: Toolchain, options: TrialOptions): Promise<TriedToolchain> {
  const { repository, path } = options
  if (toolchain.setup === null && toolchain.gates.length === 0) return untried(toolchain, 'there is nothing to try')
  const commit = await resolveCommit(repository.git, 'HEAD')
  if (commit === null) return untried(toolchain, 'there is no commit yet')
  try {
    await addWorktree(repository.git, path, commit)
    const git = openWorktree(repository.git, path) ?? repository.git.at(path)
    const problems = await fillSubmodules(git, join(repository.gitDir, 'modules'))
    if (problems.length > 0) return untried(toolchain, problems.join(' '))
    return await tryInWorktree(toolchain, { ...options, git, commit })
  } finally {
    await removeWorktree(repository.git, path)
  }
}

interface Place extends TrialOptions {
  readonly git: Git
  readonly commit: string
}

async function tryInWorktree({ setup, gates, notes }: Toolchain, place: Place): Promise<TriedToolchain> {
  const prepared = setup === null ? null : { ...setup, trial: await trySetup(setup, place) }
  if (prepared !== null && prepared.trial.kind !== 'passed')
    return { ...untried({ setup, gates, notes }, 'the set-up did not pass'), setup: prepared }
  const tried: (ProposedGate & { readonly trial: Trial })[] = []
  for (const gate of gates) tried.push({ ...gate, trial: await tryCommand(gate.name, gate.command, place) })
  return { setup: prepared, gates: tried, notes }
}

async function trySetup(setup: ProposedSetup, place: Place): Promise<Trial> {
  for (const key of setup.keys) {
    const isThere = await access(join(place.path, key)).then(
      () => true,
      () => false,
    )
    if (!isThere) return { kind: 'not-tried', reason: `${key} is not committed` }
  }
  return tryCommand('setup', setup.command, place)
}

async function tryCommand(name: 'setup' | ProposedGate['name'], command: readonly string[], place: Place): Promise<Trial> {
  const line = command.join(' ')
  place.say(`trying ${line} …`)
  const trial = await runTrial(command, name === 'setup', place)
  place.say(describeTrial(trial))
  return trial
}

async function runTrial(command: readonly string[], isSetup: boolean, place: Place): Promise<Trial> {
  const timeout = isSetup ? place.limits.setup : place.limits.gate
  const { path, env, contain, signal, git, commit } = place
  const [program = ''] = command
  if ((await findProgram(program.includes('/') ? resolve(path, program) : program, env)) === null)
    return { kind: 'failed', reason: `"${program}" was not found on PATH`, excerpt: [] }
  const merged = ['/bin/sh', '-c', 'exec "$@" 2>&1', 'trial', ...command]
  const result = await runCommand({
    command: await contain(merged, { worktree: path, isSetup }),
    cwd: path,
    env,
    timeout,
    signal,
  })
  const excerpt = lastLines(`${result.stdout}\n${result.stderr}`)
  const failed = (reason: string): Trial => ({ kind: 'failed', reason, excerpt })
  if (result.timedOut) return failed(`it ran longer than ${formatDuration(timeout)}`)
  if (result.exitCode !== 0) return failed(`exit code ${result.exitCode ?? 'none'}`)
  const stray = await strayFiles(git)
  const passed: Trial = { kind: 'passed', wallMs: Math.round(result.wallMs) }
  if (stray.tracked.length + stray.untracked.length === 0) return passed
  await detachAt(git, commit)
  const reason = describeStray(stray, isSetup)
  return reason === null ? passed : { kind: 'failed', reason, excerpt: [] }
}

/** What a gate makes is thrown away with its tree; what a set-up makes would count as every agent's work. */
function describeStray({ tracked, untracked }: Awaited<ReturnType<typeof strayFiles>>, isSetup: boolean): string | null {
  if (tracked.length > 0) return `it changes files that git tracks: ${tracked.slice(0, 3).join(', ')}`
  return isSetup ? `it makes files that git does not ignore: ${untracked.slice(0, 3).join(', ')}` : null
}

/** What a person reads: "passed in 1.2 s", "failed: exit code 1". */
export function describeTrial(trial: Trial): string {
  if (trial.kind === 'passed') return `passed in ${(trial.wallMs / 1000).toFixed(1)} s`
  return `${trial.kind === 'failed' ? 'failed' : 'not tried'}: ${trial.reason}`
}

const shownLines = 5
const shownColumns = 160

function lastLines(output: string): string[] {
  const lines = stripVTControlCharacters(redact(output))
    .split(/\r?\n/)
    // eslint-disable-next-line no-control-regex -- these are what is removed
    .map((line) => line.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '').trimEnd())
    .filter((line) => line !== '')
  return lines.slice(-shownLines).map((line) => line.slice(0, shownColumns))
}
