import type { RunProgress } from './run-progress.ts'

/** A run at rest, given the processes of it that could not be ended: where there are any it is not what was asked for, unless that has happened already. */
export function restWith(progress: RunProgress, alive: readonly number[]): RunProgress {
  if (alive.length === 0) return progress
  const left = `Still alive after every attempt to end ${alive.length === 1 ? 'it: process' : 'them: processes'} ${alive.join(', ')}.`
  if (progress.state === 'landed') return { ...progress, reason: left }
  const wanted = progress.outcome === null ? '' : ` The run was to rest as ${progress.outcome}${inBrackets(progress.reason)}.`
  return {
    ...progress,
    state: 'blocked',
    outcome: 'still-alive',
    reason: `${left}${wanted} End ${alive.length === 1 ? 'it' : 'them'} by hand, then \`cox resume\` or \`cox cancel\`.`,
  }
}

function inBrackets(reason: string | null): string {
  return reason === null ? '' : ` (${reason.replace(/[.!?]$/, '')})`
}
