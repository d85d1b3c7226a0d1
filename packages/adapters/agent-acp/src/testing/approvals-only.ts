import { conformanceFailures, type ConformanceCase, type ConformanceTarget } from '@coxswain/agents/testing'

const shown = 'the same program shows it in bubblewrap'

/** What a target leaves out that is there for the sake of approvals. */
export const approvalsOnly: ConformanceTarget['off'] = {
  ...Object.fromEntries(conformanceFailures.map((failure) => [`failure-${failure}`, shown])),
  ...Object.fromEntries(
    (
      [
        'probe',
        'edit',
        'command',
        'second-turn',
        'repeat-turn',
        'recovering-failure',
        'huge-line',
        'steer',
        'steer-last',
        'interrupt',
        'abort',
        'silence',
        'close',
        'hostile-program',
        'resume',
        'reattach-live',
        'reattach-early',
        'reattach-finished',
        'crash',
      ] satisfies ConformanceCase[]
    ).map((name) => [name, shown]),
  ),
}
