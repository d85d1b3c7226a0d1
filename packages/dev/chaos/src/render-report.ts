import type { FailureCause } from './explain-failure.ts'
import type { Partitions } from './run-partitions.ts'
import type { Takeover } from './measure-takeover.ts'
import type { ChaosReport } from './run-chaos.ts'

export function isSound({ invariants }: Pick<ChaosReport, 'invariants'>): boolean {
  return invariants.every(({ broken }) => broken.length === 0)
}

const causes: Readonly<Record<FailureCause, string>> = {
  killed: 'killed or stopped while starting',
  'database-killed': 'whose database was killed meanwhile',
  stopping: 'while the one before was stopping',
  itself: 'by itself',
}

/** The table that the tool prints. */
export function renderReport(report: ChaosReport): string {
  const { kills, seed, wallMs, invariants } = report
  const total = Object.values(kills).reduce((sum, count) => sum + count, 0)
  const byKind = Object.entries(kills)
    .map(([kind, count]) => `${kind} ${count}`)
    .join(', ')
  const failures = Object.entries(Object.groupBy(report.startFailures, ({ cause, code }) => `${code} ${causes[cause]}`)).map(
    ([what, all]) => `${all?.length ?? 0} ${what}`,
  )
  return [
    `seed ${seed}, ${(wallMs / 1000).toFixed(0)} s, ${report.turns} turns`,
    `killed, or stopped in an orderly way, ${total}: ${byKind}`,
    `daemon started ${report.daemonStarts} times again, median ${median(report.startMs).toFixed(0)} ms${failures.length === 0 ? '' : `; failed starts: ${failures.join(', ')}`}`,
    `resumed by hand after repeated kills of the same agent: ${report.resumed}`,
    '',
    ...invariants.map(renderInvariant),
  ].join('\n')
}

function renderInvariant({ name, broken }: ChaosReport['invariants'][number]): string {
  const lines = broken.slice(0, 8).map((line) => `\n       ${line}`)
  return `${broken.length === 0 ? 'ok  ' : 'FAIL'} ${name.padEnd(46)} ${broken.length}${lines.join('')}`
}

export function renderPartitions({ seed, cuts, kills, takenOver, longestStallMs, invariants }: Partitions): string {
  return [
    `seed ${seed}, a worker cut off ${cuts.length} times: ${cuts.map(({ how, seconds }) => `${seconds} s ${how}`).join(', ')}`,
    `${kills === 0 ? '' : `killed ${kills}; `}runs taken over ${takenOver}; longest stall of the lane ${(longestStallMs / 1000).toFixed(1)} s`,
    '',
    ...invariants.map(renderInvariant),
  ].join('\n')
}

/** One line below those of the single ones. */
export function renderTakeovers(takeovers: readonly Takeover[]): string {
  const inSeconds = (times: readonly number[]): string =>
    `median ${(median(times) / 1000).toFixed(1)} s, max ${(Math.max(...times) / 1000).toFixed(1)} s`
  return `from the kill to the takeover ${inSeconds(takeovers.map(({ firstEventMs }) => firstEventMs))}; to the first step that ends ${inSeconds(takeovers.map(({ firstStepMs }) => firstStepMs))}`
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0
}
