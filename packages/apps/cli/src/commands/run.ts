import { buildCommand } from '@stricli/core'
import { commonAliases, commonFlags } from '../common-flags.ts'
import { taskFlags } from './task.ts'

export const runCommand = buildCommand({
  loader: async () => (await import('./run-handler.ts')).runTask,
  parameters: {
    flags: {
      ...commonFlags,
      ...taskFlags,
      file: { kind: 'parsed', parse: String, brief: 'Read the task from a file; - is standard input', optional: true },
    },
    aliases: commonAliases,
    positional: { kind: 'array', parameter: { brief: 'What is to be done', parse: String, placeholder: 'text' } },
  },
  docs: {
    brief: 'Add one task and follow it to its end',
    fullDescription:
      'Adds one task, starts what it needs, follows it until it has landed or needs a person, and leaves nothing running. Ctrl-C pauses the run.\n\nExit codes: 0 landed or waiting for approval, 1 not, 2 an error.\n\nExamples:\n  cox run "Fix the off-by-one in src/pager.ts" --land\n  cox run --agent claude --budget-time 10m "Add a test for the empty cart"\n  cox run --agent "acp:gemini --acp" --file task.md --json',
  },
})
