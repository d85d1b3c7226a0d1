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
      try: {
        kind: 'boolean',
        brief: 'Run the proposed set-up and gates once, on a clean worktree of the last commit',
        default: true,
      },
      moveSections: {
        kind: 'boolean',
        brief:
          'With --from-existing: move the largest sections of a long AGENTS.md to docs/agents, each leaving a line that names it',
        optional: true,
        withNegated: false,
      },
      print: { kind: 'boolean', brief: 'Print the file instead of writing it', optional: true, withNegated: false },
    },
    aliases: commonAliases,
  },
  docs: {
    brief: 'Write harness/harness.yaml',
    fullDescription:
      'Writes harness/harness.yaml, with every key documented, and nothing else. A set-up and gates are proposed from lockfiles, package\nscripts, workspaces, Nx, Turborepo, Makefiles and justfiles. They are tried on a clean worktree of the last commit, contained, for\nminutes at most: what passed counts, what failed stands there as a comment with its reason. Ctrl-C leaves nothing behind.\n\nExamples:\n  cox init\n  cox init --no-try\n  cox init --print\n  cox init --from-existing            # shows the change\n  cox init --from-existing --write    # makes it, uncommitted',
  },
})
