import { buildCommand } from '@stricli/core'
import { commonAliases, commonFlags } from '../common-flags.ts'

export const statusCommand = buildCommand({
  loader: async () => (await import('./status-handler.ts')).showStatus,
  parameters: { flags: commonFlags, aliases: commonAliases },
  docs: {
    brief: 'Show what is going on and what needs you',
    fullDescription: 'Shows the daemon, live runs, and runs that need a person.\n\nExamples:\n  cox status\n  cox status --json',
  },
})
