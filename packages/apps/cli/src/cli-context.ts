import type { CommandContext } from '@stricli/core'

export type CliContext = CommandContext & { readonly process: NodeJS.Process }
