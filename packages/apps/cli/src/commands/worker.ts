import { buildCommand } from '@stricli/core'
import { commonAliases, commonFlags } from '../common-flags.ts'

export const workerCommand = buildCommand({
  loader: async () => (await import('./worker-handler.ts')).work,
  parameters: {
    flags: {
      ...commonFlags,
      name: { kind: 'parsed', parse: String, brief: 'Names this worker for ever (default: host and process)', optional: true },
    },
    aliases: commonAliases,
  },
  docs: {
    brief: 'Work beside a daemon',
    fullDescription:
      'Runs work of this repository beside its daemon, on this machine or, with COXSWAIN_DATABASE_URL, on another one with a clone of it. Takes over what dead workers held.\n\nExample:\n  COXSWAIN_DATABASE_URL=postgres://… cox worker --name build-2',
  },
})
