import { buildCommand } from '@stricli/core'
import { commonAliases, commonFlags } from '../common-flags.ts'

export const cleanCommand = buildCommand({
  loader: async () => (await import('./clean-handler.ts')).clean,
  parameters: {
    flags: {
      ...commonFlags,
      dryRun: { kind: 'boolean', brief: 'Tell what would go and remove nothing', optional: true, withNegated: false },
      unlanded: {
        kind: 'boolean',
        brief: 'Branches of cancelled and stopped runs too: their work is nowhere else',
        optional: true,
        withNegated: false,
      },
    },
    aliases: commonAliases,
  },
  docs: {
    brief: 'Remove what ended runs left: branches and worktrees',
    fullDescription:
      'Deletes the branches of landed runs and the warm worktrees that no run holds; the next run makes its own. A branch that somebody went on with, or has checked out, stays.\n\nExamples:\n  cox clean --dry-run\n  cox clean --unlanded',
  },
})
