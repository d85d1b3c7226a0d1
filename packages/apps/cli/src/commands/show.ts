import { buildCommand } from '@stricli/core'
import { commonAliases, commonFlags } from '../common-flags.ts'

export const showCommand = buildCommand({
  loader: async () => (await import('./show-handler.ts')).showRun,
  parameters: {
    flags: { ...commonFlags, diff: { kind: 'boolean', brief: 'The whole diff', optional: true, withNegated: false } },
    aliases: commonAliases,
    positional: { kind: 'tuple', parameters: [{ brief: 'Such as r3', parse: String, placeholder: 'run' }] },
  },
  docs: {
    brief: 'Show what happened in a run',
    fullDescription:
      'Shows a run: where it stands, what it cost, its timeline, its gates and its change.\n\nExamples:\n  cox show r3\n  cox show r3 --diff\n  cox show r3 --json',
  },
})
