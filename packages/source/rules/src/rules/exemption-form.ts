import { pathAsWord } from '@coxswain/facts'
import { defineRule } from '../rule.ts'

export const exemptionForm = defineRule({
  id: 'exemption-form',
  why: 'An exemption without owner, reason and end is a rule quietly switched off for ever.',
  severity: 'error',
  scope: 'file',
  options: (z) => z.strictObject({ maxDays: z.number().int().positive().default(365) }),
  check: (path, { workspace, today, ruleIds, options }) => {
    const exemptions = workspace.facts.get(path)?.exemptions ?? []
    return exemptions.flatMap((entry) => {
      const lacks = [
        entry.owner === null ? 'owner=' : '',
        entry.until === null && entry.noDay === undefined ? 'until=' : '',
        entry.reason === null ? 'reason=' : '',
      ].filter((word) => word !== '')
      const isKnown = ruleIds.includes(entry.rule) || workspace.facts.has(`harness/constraints/${entry.rule}.md`)
      const isOver = entry.until !== null && entry.until < today
      const isFar = entry.until !== null && Date.parse(entry.until) - Date.parse(today) > options.maxDays * 86_400_000
      const what = !isKnown
        ? `Exempts from ${entry.rule}, which is no rule`
        : lacks.length > 0
          ? `The exemption from ${entry.rule} lacks ${lacks.join(' and ')}`
          : entry.noDay !== undefined
            ? `The exemption from ${entry.rule} ends on ${entry.noDay}, which is no day of the calendar, and covers nothing`
            : isOver
              ? `The exemption from ${entry.rule} ended on ${entry.until}`
              : isFar
                ? `The exemption from ${entry.rule} until ${entry.until} is longer than ${options.maxDays} days`
                : null
      if (what === null) return []
      return [
        {
          file: path,
          line: entry.line,
          column: 1,
          what,
          fix: [
            isOver
              ? `Mend what it covers: \`cox check ${pathAsWord(path)} --rule ${entry.rule}\`, then delete the comment.`
              : `Write \`// cox-allow ${isKnown ? entry.rule : '<rule>'} owner=<who> until=<yyyy-mm-dd> reason=<why>\`.`,
            'Or delete it and mend the code below it.',
          ],
          anchor: `exemption ${entry.rule} ${entry.until ?? entry.noDay ?? ''}`,
        },
      ]
    })
  },
})
