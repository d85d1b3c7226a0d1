import type { Statement } from '../read/read-statements.ts'

export interface Repetition {
  readonly text: string
  readonly places: readonly { readonly file: string; readonly line: number }[]
}

const fewestWords = 5

/** Sentences that stand in more than one place, however they are capitalised or punctuated. `files` that are one file through links count once. */
export function repeatedStatements(statements: readonly Statement[]): Repetition[] {
  const groups = Map.groupBy(statements, (statement) => normalise(statement.text))
  return [...groups].flatMap(([key, members]) => {
    const [first] = members
    if (first === undefined || members.length < 2 || key.split(' ').length < fewestWords) return []
    return [{ text: first.text, places: members.map(({ file, line }) => ({ file, line })) }]
  })
}

function normalise(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}
