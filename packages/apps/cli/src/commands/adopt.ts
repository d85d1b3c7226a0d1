import { buildCommand } from '@stricli/core'
import { commonAliases, commonFlags } from '../common-flags.ts'

export const adoptCommand = buildCommand({
  loader: async () => (await import('./adopt-handler.ts')).adopt,
  parameters: {
    flags: {
      ...commonFlags,
      force: {
        kind: 'boolean',
        brief: 'Also from a folder that is still there, of another history, or in the place of one of its own',
        optional: true,
        withNegated: false,
      },
    },
    positional: {
      kind: 'tuple',
      parameters: [
        { parse: String, brief: 'Which one: its id, or the folder that it was in', placeholder: 'former', optional: true },
      ],
    },
    aliases: commonAliases,
  },
  docs: {
    brief: 'Go on here with the tasks and runs of a repository that was moved',
    fullDescription:
      'A repository that was copied to another disk, or cloned again, is a new one to Coxswain. This says that it is the one of before: its tasks, runs and events belong to this folder, and the former one is refused from then on. Nothing is adopted while a daemon or worker works for it.\n\nExamples:\n  cox adopt                        the only one that it can be\n  cox adopt /old/disk/shop         by its former folder\n  cox adopt shop-4f1c09a2be        by its id, as `cox status` tells it\n  cox adopt --force /home/ann/shop from a folder that is still there',
  },
})
