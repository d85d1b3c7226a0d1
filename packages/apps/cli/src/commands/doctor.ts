import { buildCommand } from '@stricli/core'
import { commonAliases, commonFlags } from '../common-flags.ts'

export const doctorCommand = buildCommand({
  loader: async () => (await import('./doctor-handler.ts')).examine,
  parameters: {
    flags: {
      ...commonFlags,
      agent: { kind: 'parsed', parse: String, brief: 'Only this agent; repeatable', optional: true, variadic: true },
    },
    aliases: commonAliases,
  },
  docs: {
    brief: 'Say what is installed, logged in and contained, and what to do',
    fullDescription:
      'Examines this machine and repository: git, the harness file, the sandbox, agent programs and their logins. An agent of the Agent Client Protocol is started, asked who it is, and stopped. Exit code 1 when the configured agent cannot work.\n\nExamples:\n  cox doctor\n  cox doctor --agent claude --agent "acp:gemini --acp"',
  },
})
