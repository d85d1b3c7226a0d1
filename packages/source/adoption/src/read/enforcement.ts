import type { Check } from '@coxswain/constraints'
import { judgeStatement, type Judged, type Placed, type World } from './judge-statement.ts'
import type { Statement } from './read-statements.ts'

/** Whether a machine already says what a sentence says, could say it, or only people and models can judge it. */
export type Enforcement =
  | { readonly kind: 'enforced'; readonly by: string }
  | {
      readonly kind: 'possible'
      /** Checks of ours that say the whole of it. */
      readonly checks: readonly Check[]
      /** A built-in check that says most of it. */
      readonly check: string | null
      /** A rule of a linter. */
      readonly rule: string | null
      /** What that does not see, or why it does not hold yet. */
      readonly limit: string | null
      readonly scope: Pick<Judged, 'scope' | 'except'>
    }
  | { readonly kind: 'prose' }

export function enforcementOf(statement: Pick<Statement, 'text' | 'headings'>, world: World, placed: Placed): Enforcement {
  const judgement = judgeStatement(statement, world, placed)
  if (judgement.kind === 'unread') return { kind: 'prose' }
  const { said, by, scope, except } = judgement.judged
  if (by.kind === 'linter') return { kind: 'enforced', by: `${by.rule} (${by.file}:${by.line})` }
  const { check } = said.meaning
  const builtIn = check?.kind === 'rule' ? check : null
  return {
    kind: 'possible',
    checks: by.kind === 'checks' ? by.checks : [],
    check: builtIn?.rule ?? null,
    rule: said.meaning.linters[0]?.rules[0] ?? null,
    limit: builtIn?.limit ?? null,
    scope: { scope, except },
  }
}

export function cheaperText(cheaper: Enforcement): string {
  if (cheaper.kind === 'prose') return ''
  if (cheaper.kind === 'enforced') return `already enforced by ${cheaper.by}: it can go`
  const limit = cheaper.limit === null ? '' : ` (${cheaper.limit})`
  if (cheaper.checks.length > 0) return 'a check can say it: `cox init --from-existing` tries it on examples'
  if (cheaper.check !== null) return `the built-in check ${cheaper.check} could say most of it${limit}`
  return cheaper.rule === null ? '' : `a linter could enforce it: ${cheaper.rule}`
}
