import { buildCommand } from '@stricli/core'
import { commonAliases, commonFlags } from '../common-flags.ts'

export const upCommand = buildCommand({
  loader: async () => (await import('./up-handlers.ts')).up,
  parameters: {
    flags: { ...commonFlags, detached: { kind: 'boolean', brief: 'Return once it runs', optional: true, withNegated: false } },
    aliases: { ...commonAliases, d: 'detached' },
  },
  docs: {
    brief: 'Work on the backlog',
    fullDescription:
      'Starts the daemon and works on the backlog; in the foreground with a live view, until Ctrl-C.\n\nExamples:\n  cox up\n  cox up -d && cox status',
  },
})

export const downCommand = buildCommand({
  loader: async () => (await import('./up-handlers.ts')).down,
  parameters: { flags: commonFlags, aliases: commonAliases },
  docs: {
    brief: 'Stop the daemon',
    fullDescription:
      'Stops the daemon, its database and its agents. Live runs go on at the next `cox up`.\n\nExample:\n  cox down',
  },
})
