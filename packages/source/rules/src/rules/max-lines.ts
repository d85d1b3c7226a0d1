import { pathAsWord, type FunctionFact } from '@coxswain/facts'
import { defineRule } from '../rule.ts'
import { testFiles } from '../site-rule.ts'

export const maxLines = defineRule({
  id: 'max-lines',
  why: 'A file that does not fit on a few screens is read in pieces, and changed without being understood.',
  severity: 'warning',
  scope: 'file',
  exclude: testFiles,
  options: (z) => z.strictObject({ max: z.number().int().positive().default(350) }),
  check: (path, { workspace, options }) => {
    const facts = workspace.facts.get(path)
    if (facts?.kind !== 'source' || facts.lines <= options.max) return []
    const longest = longestFunctions(facts.functions.filter(isOfFile(workspace.textOf(path))))
    const names = longest.map((entry) => `${entry.name} (${entry.lines} lines)`).join(', ')
    const moved =
      names === ''
        ? `Split ${path} along the nouns it holds, one file for each`
        : `Move ${names} with what only they use into files of their own, named after them, and import them here`
    return [
      {
        file: path,
        line: options.max + 1,
        column: 1,
        what: `${facts.lines} lines, ${facts.lines - options.max} over ${options.max}; ${facts.exports.length} ${facts.exports.length === 1 ? 'export' : 'exports'}`,
        fix: [`${moved}.`, `Delete what nobody uses: \`cox check ${pathAsWord(path)} --rule unused-export\`.`],
        anchor: `max-lines ${facts.exports
          .map((entry) => entry.name)
          .slice(0, 5)
          .join()}`,
      },
    ]
  },
})

/** Not a method, nor a function inside of another one: its line begins without white space. */
function isOfFile(text: string): (entry: FunctionFact) => boolean {
  const lines = text.split('\n')
  return ({ line }) => /^\S/.test(lines[line - 1] ?? '')
}

/** Three to move out: each once, and none that lies inside another. */
function longestFunctions(functions: readonly FunctionFact[]): readonly FunctionFact[] {
  const chosen: FunctionFact[] = []
  for (const entry of functions.toSorted((a, b) => b.lines - a.lines || a.line - b.line)) {
    const isTold = chosen.some(
      (other) => other.name === entry.name || (other.line <= entry.line && entry.line < other.line + other.lines),
    )
    if (entry.name !== '' && entry.name !== 'constructor' && !isTold) chosen.push(entry)
    if (chosen.length === 3) break
  }
  return chosen
}
