import { coreRule, rows } from './linter-rows.ts'
import type { Phrased } from './meaning.ts'

interface Row {
  readonly rule: string
  readonly limit: string
  readonly forbids?: readonly string[]
  readonly demands?: readonly string[]
  readonly linters?: Phrased['meaning']['linters']
}

function builtIn({ rule, limit, forbids = [], demands = [], linters = [] }: Row): Phrased {
  const check = { kind: 'rule', rule, limit } as const
  return { meaning: { id: rule, token: rule, about: 'any', check, bad: '', good: '', linters }, forbids, demands }
}

/** What a built-in check says most of: it is named beside the sentence, and never stands in for it. */
export const builtInPhrases: readonly Phrased[] = [
  builtIn({
    rule: 'no-cycles',
    limit: 'it follows imports of values',
    forbids: ['circular (?:imports?|dependenc(?:y|ies))', 'cyclic (?:imports?|dependenc(?:y|ies))', 'import cycles?'],
    demands: [
      "(?:never|do not|don't) introduce (?:circular|cyclic) (?:imports|dependencies)",
      'make sure to avoid (?:circular|cyclic) (?:imports|dependencies)',
    ],
  }),
  builtIn({
    rule: 'max-lines',
    limit: 'it leaves tests alone, and wants the number as its option',
    demands: [
      'keep (?:source )?files (?:under|below|shorter than) \\d+ lines',
      '(?:source )?files (?:must |should )?(?:stay|be|are) (?:under|below|at most) \\d+ lines',
      'no (?:source )?file (?:over|longer than) \\d+ lines',
    ],
  }),
  builtIn({
    rule: 'max-function-lines',
    limit: 'it wants the number as its option',
    demands: ['keep functions (?:under|below|shorter than) \\d+ lines', 'no function (?:over|longer than) \\d+ lines'],
  }),
  builtIn({
    rule: 'file-name',
    limit: 'it leaves names that tools want alone',
    demands: ['use kebab-case (?:for )?(?:all )?file ?names', '(?:all )?file ?names are kebab-case', 'name files in kebab-case'],
  }),
  builtIn({
    rule: 'deadline-on-outbound-call',
    limit: 'it knows fetch and common clients',
    demands: [
      "(?:never|do not|don't) call `fetch` without a (?:timeout|deadline)",
      'every `fetch`(?: call)? (?:has|needs|must have) a (?:timeout|deadline)',
    ],
  }),
  builtIn({
    rule: 'no-swallowed-error',
    limit: 'it sees empty handlers, not wrong ones',
    forbids: ['empty `?catch`?(?: blocks?)?'],
    demands: ["(?:never|do not|don't) (?:swallow|silently ignore) (?:errors|exceptions)"],
    linters: rows(coreRule('no-empty')),
  }),
]
