import { buildCommand } from '@stricli/core'
import { commonAliases, commonFlags } from '../common-flags.ts'

const flag = (brief: string) => ({ kind: 'boolean', brief, optional: true, withNegated: false }) as const
const text = (brief: string) => ({ kind: 'parsed', parse: String, brief, optional: true }) as const

function oneRule(words: string): string {
  if (words.includes(',')) throw new Error(`write one at a time: --rule ${words.split(',').join(' --rule ')}`)
  return words
}

function reason(words: string): string {
  if (words.trim() === '') throw new Error('say why, in a few words')
  return words
}

export const checkCommand = buildCommand({
  loader: async () => (await import('./check-handler.ts')).check,
  parameters: {
    flags: {
      ...commonFlags,
      changed: {
        kind: 'parsed',
        parse: String,
        brief: 'Only files that differ from a commit (default: HEAD)',
        optional: true,
        inferEmpty: true,
        placeholder: 'REF',
      },
      rule: { kind: 'parsed', parse: oneRule, brief: 'Only this rule; repeatable', optional: true, variadic: true },
      fix: flag('Apply the fixes that are certain'),
      sarif: flag('Print SARIF'),
      github: flag('Print annotations for GitHub'),
      agent: flag('Print for an agent (as the plain text is)'),
      updateBaseline: flag('Take fixed findings out of the baseline'),
      accept: {
        kind: 'parsed',
        parse: reason,
        brief: 'Take new findings into the baseline, with this reason',
        optional: true,
      },
      watch: flag('Keep the repository checked and answer `cox check` in milliseconds'),
      explain: text('Print the document of a rule: what it wants, its options, examples'),
      noCache: flag('Neither read nor write the cache'),
    },
    aliases: commonAliases,
    positional: { kind: 'array', parameter: { brief: 'Files or folders (default: all)', parse: String, placeholder: 'path' } },
  },
  docs: {
    brief: 'Test the source: layers, entries, sizes, boundaries, secrets …',
    fullDescription:
      'Tests the source code itself. Works in any repository; without a harness it only warns.\n\nExit codes: 0 clean, 1 findings, 2 an error.\n\nExamples:\n  cox check\n  cox check --changed packages/billing\n  cox check --rule no-cycles --json\n  cox check --explain no-cycles\n  cox check --watch &\n  cox check --update-baseline --accept "known before the harness"',
  },
})

export const campaignCommand = buildCommand({
  loader: async () => (await import('./campaign-handler.ts')).campaign,
  parameters: {
    flags: {
      ...commonFlags,
      agent: text('Who mends what has no certain fix (default: as configured)'),
      land: flag('Let the tasks land without a person'),
      dryRun: flag('Show the tasks, add none'),
      status: flag('Show how far it is, add no task'),
    },
    aliases: commonAliases,
    positional: { kind: 'tuple', parameters: [{ brief: 'Such as no-cycles', parse: String, placeholder: 'rule' }] },
  },
  docs: {
    brief: "Turn a rule's findings into tasks, one package each",
    fullDescription:
      "Turns a rule's whole population into tasks, one package each; certain fixes go to the rewriter. `cox up` works on them. Called again, it adds what no open task is about. What a task mends leaves the baseline with the same change.\n\nExamples:\n  cox campaign canonical-library --dry-run\n  cox campaign canonical-library --status\n  cox campaign public-entry-only --land && cox up",
  },
})
