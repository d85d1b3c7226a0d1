import { buildCommand } from '@stricli/core'
import { commonAliases, commonFlags } from '../common-flags.ts'

export const initCommand = buildCommand({
  loader: async () => (await import('./init-handler.ts')).init,
  parameters: {
    flags: {
      ...commonFlags,
      fromExisting: {
        kind: 'boolean',
        brief: 'Propose constraints from the instructions and linters that are there',
        optional: true,
        withNegated: false,
      },
      write: { kind: 'boolean', brief: 'Write what --from-existing proposes', optional: true, withNegated: false },
      print: { kind: 'boolean', brief: 'Print the file instead of writing it', optional: true, withNegated: false },
    },
    aliases: commonAliases,
  },
  docs: {
    brief: 'Write harness/harness.yaml',
    fullDescription:
      'Writes harness/harness.yaml, with every key documented, and nothing else.\n\nExamples:\n  cox init\n  cox init --print\n  cox init --from-existing            # shows the change\n  cox init --from-existing --write    # makes it, uncommitted',
  },
})
