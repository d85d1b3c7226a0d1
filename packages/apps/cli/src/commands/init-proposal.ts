import { describeTrial, type Trial, type TriedToolchain } from '@coxswain/adoption'
import { configPath, type ConfigProposal } from '@coxswain/steering'
import { plain } from '@coxswain/terminal'

/** What passed counts at once; what failed stands there as a comment with its reason; what was not tried counts, and says so. */
export function describeProposal({ setup, gates }: TriedToolchain): ConfigProposal {
  const entry = <T extends { readonly from: string; readonly trial: Trial }>(
    one: T,
  ): T & { readonly remarks: readonly string[]; readonly isActive: boolean } => ({
    ...one,
    remarks: [`From ${one.from}; on a clean worktree: ${plain(describeTrial(one.trial))}.`, ...excerptOf(one.trial)],
    isActive: one.trial.kind !== 'failed',
  })
  return { setup: setup === null ? null : entry(setup), gates: gates.map(entry) }
}

/** One line a command, the last lines of what failed, and what to do next. */
export function renderProposal({ setup, gates, notes }: TriedToolchain): string {
  const rows = [...(setup === null ? [] : [{ name: 'setup', ...setup }]), ...gates]
  const lines = rows.flatMap(({ name, command, trial }) => [
    `${name.padEnd(9)} ${plain(command.join(' '))}: ${plain(describeTrial(trial))}`,
    ...excerptOf(trial).map((line) => `            ${line}`),
  ])
  return [...lines, ...notes.map((note) => `note: ${plain(note)}`), `${configPath} written${next(rows)}`].join('\n')
}

function next(rows: readonly { readonly name: string; readonly trial: Trial }[]): string {
  const gates = rows.filter(({ name }) => name !== 'setup')
  if (gates.length === 0)
    return '. Set `gates` to what proves a change (such as your tests), then: cox doctor, which says what a run lacks here, and cox run "…"'
  if (rows.some(({ trial }) => trial.kind === 'failed'))
    return ': what failed stands there as a comment. Correct it, commit the file, then: cox run "…"'
  return ': commit it when it is as you want it, then: cox doctor, which says what a run lacks here, and cox run "…"'
}

function excerptOf(trial: Trial): string[] {
  return trial.kind === 'failed' ? trial.excerpt.map((line) => `| ${plain(line)}`) : []
}
