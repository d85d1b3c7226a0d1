import { buildCommand, type Command } from '@stricli/core'
import type { CliContext } from '../cli-context.ts'
import { budgetFlags, commonAliases, commonFlags } from '../common-flags.ts'

const noWait = {
  kind: 'boolean',
  brief: 'Return at once instead of following',
  optional: true,
  withNegated: false,
} as const
const reason = { kind: 'parsed', parse: String, brief: 'Why; kept with the run', optional: true } as const
const outcome = {
  kind: 'parsed',
  // Checked by its handler: the list of outcomes would cost every start of `cox` its schemas.
  parse: String,
  brief: 'All runs that rest for this reason, such as auth',
  optional: true,
  placeholder: 'outcome',
} as const
const runArgument = { brief: 'Such as r3', parse: String, placeholder: 'run' } as const

export const sayCommand: Command<CliContext> = buildCommand({
  loader: async () => (await import('./intervention-handlers.ts')).say,
  parameters: {
    flags: { ...commonFlags, noWait },
    aliases: commonAliases,
    positional: {
      kind: 'array',
      parameter: { brief: 'The run, then the message', parse: String, placeholder: 'run text' },
      minimum: 2,
    },
  },
  docs: {
    brief: "Say something to a run's agent",
    fullDescription:
      'Says something to a run: a live turn hears it at once, a blocked run goes on with it.\n\nExamples:\n  cox say r3 "Use the helper in packages/clock instead"\n  cox say r3 --no-wait "Yes, drop support for Node 18"',
  },
})

export const approveCommand = intervention(
  'approve',
  'Let a run land',
  'Approves a run: one that waits lands, one with protected changes goes on to its gates.\n\nExample:\n  cox approve r3',
)
export const pauseCommand = intervention(
  'pause',
  'Pause a run',
  'Ends the live turn and keeps the work; `cox resume` goes on.\n\nExample:\n  cox pause r3 --reason "waiting for the schema change"',
)
export const resumeCommand: Command<CliContext> = buildCommand({
  loader: async () => (await import('./intervention-handlers.ts')).resume,
  parameters: {
    flags: { ...commonFlags, reason, noWait, outcome, ...budgetFlags },
    aliases: commonAliases,
    positional: { kind: 'array', parameter: runArgument },
  },
  docs: {
    brief: 'Go on with runs that are paused, blocked or out of budget',
    fullDescription:
      'Goes on with a run that is paused or blocked; with a larger budget also with one that its budget stopped. Limits count from the start of the run. Several runs, or all that rest for one reason, are followed to the end of each; a first Ctrl-C leaves them to a daemon that stays, and pauses them without one. With --no-wait they are only sent on.\n\nExamples:\n  cox resume r3\n  cox resume r3 --budget-tokens 2000000 --budget-time 2h\n  cox resume --outcome base-red',
  },
})
export const cancelCommand = intervention(
  'cancel',
  'End a run',
  'Ends a run for good. Work so far stays on its branch.\n\nExample:\n  cox cancel r3 --reason "not needed any more"',
)
export const reworkCommand = intervention(
  'rework',
  'Throw the work away and start over',
  'Throws the work away and starts from the current branch; the reason is told to the agent.\n\nExample:\n  cox rework r3 --reason "Do it without a new dependency"',
)

function intervention(
  kind: 'approve' | 'pause' | 'cancel' | 'rework',
  brief: string,
  fullDescription: string,
): Command<CliContext> {
  return buildCommand({
    loader: async () => (await import('./intervention-handlers.ts')).handlers[kind],
    parameters: {
      flags: { ...commonFlags, reason, noWait },
      aliases: commonAliases,
      positional: { kind: 'tuple', parameters: [runArgument] },
    },
    docs: { brief, fullDescription },
  })
}
