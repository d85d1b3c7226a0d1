import { buildCommand, buildRouteMap } from '@stricli/core'
import { budgetFlags, commonAliases, commonFlags, priority } from '../common-flags.ts'

/** Flags that say how a task is to be worked on. */
export const taskFlags = {
  agent: {
    kind: 'parsed',
    parse: String,
    brief: 'codex, claude, rewriter or "acp:<command line>" (default: as configured)',
    optional: true,
  },
  package: { kind: 'parsed', parse: String, brief: 'Folder that the work belongs to', optional: true },
  priority: {
    kind: 'parsed',
    parse: priority,
    brief: 'From -1000 to 1000, lower runs first (default 0)',
    optional: true,
  },
  ...budgetFlags,
  land: { kind: 'boolean', brief: 'Let this task land without a person', optional: true, withNegated: false },
  redBase: {
    kind: 'boolean',
    brief: 'Start although a gate is red on the branch: the task mends it',
    optional: true,
    withNegated: false,
  },
} as const

export const taskRoutes = buildRouteMap({
  routes: {
    add: buildCommand({
      loader: async () => (await import('./task-handlers.ts')).addTask,
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
        brief: 'Add a task',
        fullDescription:
          'Adds a task to the backlog; `cox up` works on it.\n\nExamples:\n  cox task add "Replace moment with date-fns in packages/billing"\n  cox task add --agent rewriter --file migrate-to-zod4.md\n  cox task add "Speed up the import" --priority -5 --budget-time 20m',
      },
    }),
    import: buildCommand({
      loader: async () => (await import('./task-handlers.ts')).importTasks,
      parameters: {
        flags: { ...commonFlags, ...taskFlags },
        aliases: commonAliases,
        positional: {
          kind: 'tuple',
          parameters: [{ brief: 'Folder of Markdown files, one task each', parse: String, placeholder: 'folder' }],
        },
      },
      docs: {
        brief: 'Add each Markdown file of a folder as a task',
        fullDescription:
          'Adds each Markdown file of a folder as a task, in the order of their names. Importing again adds only what is new.\n\nExample:\n  cox task import backlog/',
      },
    }),
    list: buildCommand({
      loader: async () => (await import('./task-handlers.ts')).listTasks,
      parameters: {
        flags: { ...commonFlags, all: { kind: 'boolean', brief: 'Ended ones too', optional: true, withNegated: false } },
        aliases: commonAliases,
      },
      docs: {
        brief: 'List tasks',
        fullDescription: 'Lists tasks that have not ended.\n\nExamples:\n  cox task list\n  cox task list --all --json',
      },
    }),
    show: buildCommand({
      loader: async () => (await import('./task-handlers.ts')).showTask,
      parameters: {
        flags: commonFlags,
        aliases: commonAliases,
        positional: { kind: 'tuple', parameters: [{ brief: 'Such as t3', parse: String, placeholder: 'task' }] },
      },
      docs: { brief: 'Show a task and its runs', fullDescription: 'Shows a task and its runs.\n\nExample:\n  cox task show t3' },
    }),
    cancel: buildCommand({
      loader: async () => (await import('./task-handlers.ts')).cancelTask,
      parameters: {
        flags: commonFlags,
        aliases: commonAliases,
        positional: { kind: 'tuple', parameters: [{ brief: 'Such as t3', parse: String, placeholder: 'task' }] },
      },
      docs: {
        brief: 'Cancel a task and its runs',
        fullDescription:
          'Cancels a task; a live run is stopped. Work so far stays on its branch.\n\nExample:\n  cox task cancel t3',
      },
    }),
  },
  docs: {
    brief: 'Add, list, show and cancel tasks',
    fullDescription:
      'Adds, lists, shows and cancels tasks.\n\nExamples:\n  cox task add "Replace moment with date-fns in packages/billing" --priority -5\n  cox task import backlog/\n  cox task list --json',
  },
})
