import { buildCommand, buildRouteMap, type Command, type RouteMap } from '@stricli/core'
import type { CliContext } from '../cli-context.ts'
import { commonFlags } from '../common-flags.ts'
import { shells, type Shell } from '../completion/shell-scripts.ts'

const { json } = commonFlags

export const completionRoutes: RouteMap<CliContext> = buildRouteMap({
  routes: {
    bash: printer('bash'),
    zsh: printer('zsh'),
    fish: printer('fish'),
    install: buildCommand({
      loader: async () => (await import('./completion-handlers.ts')).install,
      parameters: {
        flags: { json, shell: { kind: 'enum', values: shells, brief: 'Default: the one of $SHELL', optional: true } },
      },
      docs: {
        brief: 'Write the script where the shell looks for it',
        fullDescription:
          'Writes the completion script below your home folder.\n\nExamples:\n  cox completion install\n  cox completion install --shell fish',
      },
    }),
  },
  docs: { brief: 'Complete commands and flags in your shell' },
})

function printer(shell: Shell): Command<CliContext> {
  return buildCommand({
    loader: async () => (await import('./completion-handlers.ts')).printers[shell],
    parameters: { flags: { json } },
    docs: {
      brief: `Print the script for ${shell}`,
      fullDescription: `Prints the completion script.\n\nExample:\n  ${shell === 'fish' ? 'cox completion fish | source' : `eval "$(cox completion ${shell})"`}`,
    },
  })
}
