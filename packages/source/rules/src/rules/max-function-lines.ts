import { defineRule } from '../rule.ts'
import { testFiles } from '../site-rule.ts'

export const maxFunctionLines = defineRule({
  id: 'max-function-lines',
  why: 'A long function mixes levels; its parts have no names, so nobody can reuse, test or skip them.',
  severity: 'warning',
  scope: 'file',
  exclude: [...testFiles, '**/*.tsx'],
  options: (z) => z.strictObject({ max: z.number().int().positive().default(80) }),
  check: (path, { workspace, options }) => {
    const facts = workspace.facts.get(path)
    if (facts?.kind !== 'source') return []
    return facts.functions
      .filter((entry) => entry.lines > options.max)
      .map((entry) => ({
        file: path,
        line: entry.line,
        column: 1,
        what: `${entry.name === '' ? 'A function' : entry.name} has ${entry.lines} lines, ${entry.lines - options.max} over ${options.max}`,
        fix: [
          `Name the steps of ${entry.name === '' ? 'this function' : entry.name} as functions below it, in call order, each with what it needs as parameters.`,
          'Split deciding from doing: let one part return a plan as data, let another apply it.',
        ],
        anchor: `function ${entry.name}`,
      }))
  },
})
