import { buildCommand } from '@stricli/core'
import { commonAliases, commonFlags } from '../common-flags.ts'

export const initCommand = buildCommand({
  loader: async () => (await import('./init-handler.ts')).init,
  parameters: { flags: { ...commonFlags, print: { kind: 'boolean', brief: 'Print the file instead of writing it', optional: true, withNegated: false } }, aliases: commonAliases },
  docs: { brief: 'Write harness/harness.yaml', fullDescription: 'Writes harness/harness.yaml, with every key documented, and nothing else.\n\nExamples:\n  cox init\n  cox init --print' },
})
