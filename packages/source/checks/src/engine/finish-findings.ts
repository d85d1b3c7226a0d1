import { createHash } from 'node:crypto'
import { rules } from '@coxswain/rules'
import type { Finding } from '../finding.ts'
import type { RuleFinding } from './evaluator.ts'
import { createExemptionTest, type ExemptionScope } from './exemption-test.ts'

/** Raw findings to reported ones: exempted ones left out, in a stable order, each with its prints. */
export function finishFindings(found: readonly RuleFinding[], scope: ExemptionScope): Finding[] {
  const isExempt = createExemptionTest(scope)
  const counts = new Map<string, number>()
  return found
    .filter(({ active, raw }) => !isExempt({ rule: active.rule.id, file: raw.file, line: raw.line }))
    .toSorted(byRuleAndPlace)
    .map(({ active, raw }) => {
      const place = `${active.rule.id}\0${raw.file}\0${raw.anchor}`
      const nth = counts.get(place) ?? 0
      counts.set(place, nth + 1)
      const { file, line, column, what, fix, rewrite, related } = raw
      return {
        rule: active.rule.id,
        severity: active.severity,
        file,
        line,
        column,
        what,
        why: active.rule.why,
        fix,
        see: active.see,
        fingerprint: print(`${place}\0${nth}`),
        moveKey: print(`${active.rule.id}\0${raw.anchor}`),
        ...(rewrite && { rewrite }),
        ...(related && { related }),
      }
    })
}

export function print(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

const order = new Map(rules.map((rule, at) => [rule.id, at]))

function byRuleAndPlace(a: RuleFinding, b: RuleFinding): number {
  const rule = (order.get(a.active.rule.id) ?? 0) - (order.get(b.active.rule.id) ?? 0)
  if (rule !== 0) return rule
  if (a.raw.file !== b.raw.file) return a.raw.file < b.raw.file ? -1 : 1
  return a.raw.line - b.raw.line || a.raw.column - b.raw.column || (a.raw.anchor < b.raw.anchor ? -1 : 1)
}
