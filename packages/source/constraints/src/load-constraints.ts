import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '@coxswain/host'
import type { Constraint } from './constraint.ts'
import { crossCheck } from './cross-check.ts'
import { parseConstraint, type ParsedConstraint } from './parse-constraint.ts'
import { compareText, errorAt, sortProblems, type Problem } from './problem.ts'
import { isErrorCode } from './read-text.ts'
import { readUnchangedOrNull } from './read-unchanged.ts'

export interface LoadedConstraints {
  /** Sorted by id; of two with one id, the first file. */
  readonly constraints: readonly Constraint[]
  readonly problems: readonly Problem[]
}

export const constraintFolder = 'harness/constraints'

/** Reads `harness/constraints/*.md`; `files` are the tree's files, for scopes. A repository without the folder has no constraints. */
export async function loadConstraints(root: string, files: readonly string[]): Promise<LoadedConstraints> {
  const names = await markdownNames(join(root, constraintFolder))
  const today = new Date(systemClock.now()).toISOString().slice(0, 10)
  const parsed = names.map((name) => readConstraint(root, `${constraintFolder}/${name}`))
  const found = parsed.flatMap((one) => (one.constraint === null ? [] : [one.constraint]))
  const lineOf = (constraint: Constraint, words: string): number => lineHolding(join(root, constraint.file), words)
  const { constraints, problems } = crossCheck(found, { files, today, lineOf })
  return { constraints, problems: sortProblems([...parsed.flatMap((one) => one.problems), ...problems]) }
}

/** Asked only for what has a problem. */
function lineHolding(path: string, words: string): number {
  const text = readUnchangedOrNull(path)?.bytes.toString('utf8') ?? ''
  const at = text.indexOf(words)
  return at === -1 ? 2 : text.slice(0, at).split('\n').length
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

const parsedByBytes = new WeakMap<Buffer, ParsedConstraint>()

/** Parsing is the cost of a load, so a file that did not change is not parsed again. */
function readConstraint(root: string, file: string): ParsedConstraint {
  const read = readUnchangedOrNull(join(root, file))
  if (read === null) return { constraint: null, problems: [] }
  const known = parsedByBytes.get(read.bytes)
  if (known !== undefined && (known.constraint?.file ?? file) === file) return known
  const text = read.bytes.toString('utf8')
  const parsed = Buffer.from(text, 'utf8').equals(read.bytes) ? parseConstraint({ file, text }) : notText(file)
  parsedByBytes.set(read.bytes, parsed)
  return parsed
}

function notText(file: string): ParsedConstraint {
  return {
    constraint: null,
    problems: [errorAt({ file, line: 1 }, 'FILE_NOT_UTF8', 'The file is not UTF-8', 'Save it as UTF-8.')],
  }
}
