import { compareText } from '@coxswain/constraints'
import type { Line } from './place-constraints.ts'

export interface RenderedLines {
  readonly text: string
  /** Lines that did not fit. */
  readonly left: readonly Line[]
}

export interface LineBudget {
  readonly heading: string
  /** Longest length in lines, heading included. */
  readonly most: number
  /** Globs that need no mention, because the whole file is about them. */
  readonly impliedScope?: readonly string[]
}

/** Instructions as a list: unscoped lines first, then one group per scope. Each ends with its constraint's id. */
export function renderLines(lines: readonly Line[], budget: LineBudget): RenderedLines {
  const implied = new Set(budget.impliedScope)
  const scopeText = (line: Line): string =>
    line.scope.every((glob) => implied.has(glob)) ? '' : line.scope.map((glob) => `\`${glob}\``).join(', ')
  const groups = [...Map.groupBy(lines, scopeText)].toSorted(([a], [b]) => compareText(a, b))
  const output = [...budget.heading.split('\n'), '']
  const left: Line[] = []
  for (const [scope, members] of groups) {
    const room = budget.most - output.length - (scope === '' ? 0 : 2)
    const fitting = members.slice(0, Math.max(0, room))
    left.push(...members.slice(fitting.length))
    if (fitting.length === 0) continue
    if (scope !== '') output.push(...(output.at(-1) === '' ? [] : ['']), `In ${scope}:`)
    output.push(...fitting.map(renderLine))
  }
  return { text: `${output.join('\n')}\n`, left }
}

/** The texts come from files that people wrote: line breaks would leave the list. */
export function renderLine(line: Line): string {
  const except = line.except.length === 0 ? '' : ` (not in ${line.except.map((glob) => `\`${glob}\``).join(', ')})`
  return `- ${line.text.replaceAll(/\s+/g, ' ').trim()}${except} [${line.id}]`
}
