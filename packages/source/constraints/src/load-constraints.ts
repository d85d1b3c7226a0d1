import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { mapLimit } from '@coxswain/kernel'
import type { Constraint } from './constraint.ts'
import { crossCheck } from './cross-check.ts'
import { parseConstraint, type ParsedConstraint } from './parse-constraint.ts'
import { compareText, sortProblems, type Problem } from './problem.ts'
import { isErrorCode, readText } from './read-text.ts'

export interface LoadedConstraints {
  /** Sorted by id; of two with one id, the first file. */
  readonly constraints: readonly Constraint[]
  readonly problems: readonly Problem[]
}

export const constraintFolder = 'harness/constraints'

/** Reads `harness/constraints/*.md`; `files` are the tree's files, for scopes. A repository without the folder has no constraints. */
export async function loadConstraints(root: string, files: readonly string[]): Promise<LoadedConstraints> {
  const names = await markdownNames(join(root, constraintFolder))
  const parsed = await mapLimit(names, 32, (name) => readConstraint(root, `${constraintFolder}/${name}`))
  const found = parsed.flatMap((one) => (one.constraint === null ? [] : [one.constraint]))
  const { constraints, problems } = crossCheck(found, files)
  return { constraints, problems: sortProblems([...parsed.flatMap((one) => one.problems), ...problems]) }
}

async function markdownNames(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder)
    return names.filter((name) => name.endsWith('.md') && name !== 'README.md').toSorted(compareText)
  } catch (error) {
    if (isErrorCode(error, 'ENOENT', 'ENOTDIR')) return []
    throw error
  }
}

const parsedByText = new Map<string, { readonly text: string; readonly parsed: ParsedConstraint }>()
const mostKept = 10_000

/** Parsing is the cost of a load, so a file whose bytes did not change is not parsed again. */
async function readConstraint(root: string, file: string): Promise<ParsedConstraint> {
  const read = await readText(join(root, file))
  if (read === null) return { constraint: null, problems: [] }
  if (read.kind === 'not-utf8') {
    const problem = {
      severity: 'error',
      code: 'FILE_NOT_UTF8',
      file,
      line: 1,
      message: 'The file is not UTF-8',
      hint: 'Save it as UTF-8.',
    } as const
    return { constraint: null, problems: [problem] }
  }
  const known = parsedByText.get(file)
  if (known?.text === read.text) return known.parsed
  if (parsedByText.size >= mostKept) parsedByText.clear()
  const parsed = parseConstraint({ file, text: read.text })
  parsedByText.set(file, { text: read.text, parsed })
  return parsed
}
