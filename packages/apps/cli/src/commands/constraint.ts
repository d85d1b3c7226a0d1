import { buildCommand, buildRouteMap } from '@stricli/core'
import { commonAliases, commonFlags } from '../common-flags.ts'

const id = { brief: 'Id of a constraint', parse: String, placeholder: 'id' } as const
const write = { kind: 'boolean', brief: 'Write the files', optional: true, withNegated: false } as const

export const constraintRoutes = buildRouteMap({
  routes: {
    new: buildCommand({
      loader: async () => (await import('./constraint-handlers.ts')).createConstraint,
      parameters: {
        flags: {
          ...commonFlags,
          title: { kind: 'parsed', parse: String, brief: 'The decision in one line', optional: true },
          owner: { kind: 'parsed', parse: String, brief: 'Who answers for it', optional: true },
          scope: { kind: 'parsed', parse: String, brief: 'Glob it holds for; repeatable', optional: true, variadic: true },
          rung: {
            kind: 'enum',
            values: ['check', 'hook', 'path', 'skill', 'review', 'root'],
            brief: 'Where it acts first (default: path)',
            optional: true,
          },
        },
        aliases: commonAliases,
        positional: { kind: 'tuple', parameters: [id] },
      },
      docs: {
        brief: 'Write a new constraint file',
        fullDescription:
          'Writes harness/constraints/<id>.md, valid from the start, with every place to fill in.\n\nExample:\n  cox constraint new deadline-on-outbound-call --scope "packages/**" --rung check',
      },
    }),
    list: buildCommand({
      loader: async () => (await import('./constraint-handlers.ts')).list,
      parameters: { flags: commonFlags, aliases: commonAliases },
      docs: {
        brief: 'List constraints and their problems',
        fullDescription: 'Lists constraints. Exit code 1 when one has an error.\n\nExample:\n  cox constraint list',
      },
    }),
    show: buildCommand({
      loader: async () => (await import('./constraint-handlers.ts')).show,
      parameters: { flags: commonFlags, aliases: commonAliases, positional: { kind: 'tuple', parameters: [id] } },
      docs: {
        brief: 'Print a constraint as it stands in its file',
        fullDescription:
          'Prints a constraint as it stands in its file.\n\nExample:\n  cox constraint show deadline-on-outbound-call',
      },
    }),
    explain: buildCommand({
      loader: async () => (await import('./constraint-handlers.ts')).explain,
      parameters: { flags: commonFlags, aliases: commonAliases, positional: { kind: 'tuple', parameters: [id] } },
      docs: {
        brief: 'Say why it exists, where it acts and the ways out',
        fullDescription:
          'Says what an agent needs to keep a constraint.\n\nExample:\n  cox constraint explain deadline-on-outbound-call',
      },
    }),
    test: buildCommand({
      loader: async () => (await import('./constraint-handlers.ts')).test,
      parameters: {
        flags: commonFlags,
        aliases: commonAliases,
        positional: { kind: 'array', parameter: { brief: 'Ids (default: all)', parse: String, placeholder: 'id' } },
      },
      docs: {
        brief: 'Each check fires on its bad example and is silent on its good one',
        fullDescription: 'Proves each check on its own examples. Exit code 1 when one fails.\n\nExample:\n  cox constraint test',
      },
    }),
    weakened: buildCommand({
      loader: async () => (await import('./constraint-handlers.ts')).weakened,
      parameters: {
        flags: {
          ...commonFlags,
          since: {
            kind: 'parsed',
            parse: String,
            brief: 'Compare with this commit (default: where the branch left the main branch, else the commit before)',
            optional: true,
            placeholder: 'REF',
          },
        },
        aliases: commonAliases,
      },
      docs: {
        brief: 'Name the rules that a change weakened, and by how much',
        fullDescription:
          'Names constraints that were removed, lowered, narrowed, stripped of a rung or exempted, and settings of checks, baseline and CI that got weaker, since a commit. Exit code 1 when something was, unless a commit declares it with a line `Weakens: <id> <why>`.\n\nExamples:\n  cox constraint weakened\n  cox constraint weakened --since origin/main --json',
      },
    }),
    fmt: buildCommand({
      loader: async () => (await import('./constraint-handlers.ts')).format,
      parameters: {
        flags: {
          ...commonFlags,
          check: { kind: 'boolean', brief: 'Only say what would change; exit code 1', optional: true, withNegated: false },
        },
        aliases: commonAliases,
      },
      docs: {
        brief: 'Format constraint files',
        fullDescription: 'Formats constraint files.\n\nExamples:\n  cox constraint fmt\n  cox constraint fmt --check',
      },
    }),
    import: buildCommand({
      loader: async () => (await import('./constraint-handlers.ts')).importDrafts,
      parameters: { flags: { ...commonFlags, write }, aliases: commonAliases },
      docs: {
        brief: 'Read existing instructions and linter rules into drafts',
        fullDescription:
          'Reads AGENTS.md, CLAUDE.md, rules of other tools and linter configuration into draft constraints, and says what a machine could enforce instead. Writes nothing without --write.\n\nExamples:\n  cox constraint import\n  cox constraint import --write',
      },
    }),
  },
  docs: {
    brief: 'Write, test and read constraints',
    fullDescription:
      'A constraint is one decision in harness/constraints/<id>.md: what, why, the way out, and where it acts (a check, a hook, an instruction in its scope, a skill, a review line, a line at the root).\n\nExamples:\n  cox constraint new deadline-on-outbound-call --scope "packages/**" --rung check\n  cox constraint list\n  cox constraint explain deadline-on-outbound-call\n  cox constraint test            # each check on its own bad and good example\n  cox check                      # the same checks on the repository\n  cox constraint import          # drafts from AGENTS.md, CLAUDE.md, rules and linters that are there\n  cox constraint weakened        # what a change weakened, for CI\n\nThen `cox compile` brings them to where agents meet them.',
  },
})
