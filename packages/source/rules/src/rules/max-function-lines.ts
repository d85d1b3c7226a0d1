import type { FunctionFact } from '@coxswain/facts'
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
    return longFunctions(facts.functions, options.max).map(({ told: { name, line, lines }, others }) => ({
      file: path,
      line,
      column: 1,
      what: `${name === '' ? 'A function' : name} has ${lines} lines, ${lines - options.max} over ${options.max}`,
      fix: [
        `Name the steps of ${name === '' ? 'this function' : name} as functions below it, in call order, each with what it needs as parameters.${others === '' ? '' : ` ${others}`}`,
        'Split deciding from doing: let one part return a plan as data, let another apply it.',
      ],
      anchor: `function ${name}`,
    }))
  },
})

interface LongFunction {
  readonly told: FunctionFact
  /** Of the functions around and in it that are long by the same lines. */
  readonly others: string
}

/** One for the same lines: a function that is little but another one around them (curried, or returned whole) is no second breach. */
function longFunctions(functions: readonly FunctionFact[], max: number): LongFunction[] {
  const long = functions.filter(({ lines }) => lines > max)
  const shared = new Set<FunctionFact>()
  return long.flatMap((entry): LongFunction[] => {
    if (shared.has(entry)) return []
    const chain = chainFrom(entry, long, max)
    for (const inner of chain) shared.add(inner)
    const told = chain.findLast(({ name }) => name !== '') ?? chain.at(-1) ?? entry
    return [{ told, others: namedWith(told, chain) }]
  })
}

/** Each is little but a frame of the next. */
function chainFrom(outer: FunctionFact, long: readonly FunctionFact[], max: number): FunctionFact[] {
  // They come in the order in which they begin.
  const [inner, ...more] = childrenOf(outer, long.slice(long.indexOf(outer) + 1))
  const isFrame = inner !== undefined && more.length === 0 && outer.lines - inner.lines <= max
  return isFrame ? [outer, ...chainFrom(inner, long, max)] : [outer]
}

/** Those right inside, each without what lies in it. */
function childrenOf(outer: FunctionFact, later: readonly FunctionFact[]): FunctionFact[] {
  const children: FunctionFact[] = []
  for (const entry of later) {
    if (endOf(entry) > endOf(outer) || entry.line > endOf(outer)) break
    const last = children.at(-1)
    if (last === undefined || entry.line > endOf(last)) children.push(entry)
  }
  return children
}

function endOf({ line, lines }: FunctionFact): number {
  return line + lines - 1
}

function namedWith(told: FunctionFact, chain: readonly FunctionFact[]): string {
  const at = chain.indexOf(told)
  const named = (entries: readonly FunctionFact[]): string =>
    entries.map(({ name, line }) => (name === '' ? `the function of line ${line}` : name)).join(', ')
  const [around, inside] = [named(chain.slice(0, at)), named(chain.slice(at + 1))]
  if (inside !== '') return `Its lines are those of ${inside}, which it is little but a frame of.`
  return around === '' ? '' : `It makes up nearly all of ${around}, which gets shorter with it.`
}
