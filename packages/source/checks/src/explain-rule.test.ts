import { rules } from '@coxswain/rules'
import { expect, it } from 'vitest'
import { explainRule } from './explain-rule.ts'

it.each(rules.map((rule) => rule.id))('has the document of %s at hand, wherever it is asked', (id) => {
  expect(explainRule(id)).toMatch(new RegExp(`^# ${id}\n`))
})

it('says what was probably meant', () => {
  expect(() => explainRule('no-cycle')).toThrow(
    expect.objectContaining({ code: 'RULE_UNKNOWN', hint: 'Did you mean "no-cycles"?' }),
  )
})
