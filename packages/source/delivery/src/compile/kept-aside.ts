import { warningAt, type Problem } from '@coxswain/constraints'
import { sumOf } from './block.ts'
import type { Change } from './change.ts'

export const keptFolder = 'harness/kept/'

export function keptPath(path: string, text: string): string {
  return `${keptFolder}${path.replaceAll('/', '__')}.${sumOf(text)}.md`
}

export function keptAside(path: string, text: string): Change {
  return { path: keptPath(path, text), before: null, after: text }
}

export function editedProblem(path: string, line: number, kept: string): Problem {
  return warningAt(
    { file: path, line },
    'BLOCK_EDITED',
    `Generated text in ${path} was edited by hand; the edit is kept in ${kept}`,
    'Turn it into a constraint with `cox constraint new`, then delete the kept file.',
  )
}
