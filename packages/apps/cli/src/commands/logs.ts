import { buildCommand } from '@stricli/core'
import { commonAliases, commonFlags } from '../common-flags.ts'

export const logsCommand = buildCommand({
  loader: async () => (await import('./logs-handler.ts')).showLogs,
  parameters: {
    flags: {
      ...commonFlags,
      follow: { kind: 'boolean', brief: 'Go on until the run is at rest', optional: true, withNegated: false },
    },
    aliases: { ...commonAliases, f: 'follow' },
    positional: { kind: 'tuple', parameters: [{ brief: 'Such as r3', parse: String, placeholder: 'run' }] },
  },
  docs: {
    brief: "Print a run's events",
    fullDescription:
      "Prints a run's events, oldest first; with --json one JSON object a line.\n\nExamples:\n  cox logs r3\n  cox logs r3 -f\n  cox logs r3 --json | jq 'select(.name == \"agent-message\")'",
  },
})
