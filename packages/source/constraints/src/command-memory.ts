import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { CheckFinding } from './check-runner.ts'
import type { CommandCheck } from './constraint.ts'
import type { MatchCache } from './match-cache.ts'
import { compareText } from './problem.ts'
import { readUnchangedOrNull } from './read-unchanged.ts'
import { globTest } from './scope.ts'

export interface RememberedCommand {
  readonly id: string
  readonly check: CommandCheck
  readonly root: string
  /** In its scope. */
  readonly files: readonly string[]
  /** Every file of the repository. */
  readonly tree: () => Promise<readonly string[]>
}

/**
 * What a command found, as long as all that it reads is the same: the files in its scope, those that its own words name, and its
 * `inputs`. Without `inputs` nobody knows what it reads, and it runs. A command that could not run is never remembered.
 */
export async function runRemembered(
  command: RememberedCommand,
  cache: MatchCache | null,
  run: () => Promise<readonly CheckFinding[]>,
): Promise<readonly CheckFinding[]> {
  const { id, check, files } = command
  if (check.inputs === undefined || cache === null) return run()
  const key = `command of ${id}: ${JSON.stringify(check)}`
  const content = await contentOf(command, check.inputs)
  const known = cache.get(key)
  if (known?.content === content)
    return known.matches.map(([at, line, column, text]) => ({ file: files[at] ?? '', line, column, text }))
  const found = await run()
  const matches = found.map(({ file, line, column = 1, text }) => [files.indexOf(file), line, column, text] as const)
  cache.set(key, { identity: '', content, set: '', matches })
  return found
}

async function contentOf({ check, root, files, tree }: RememberedCommand, inputs: readonly string[]): Promise<string> {
  const isInput = globTest(inputs)
  const read = inputs.length === 0 ? [] : (await tree()).filter(isInput)
  const named = check.command.map((word) => word.replace(/^\{root\}\//, '').replace(/^\.\//, ''))
  const hash = createHash('sha256')
  for (const path of [...new Set([...files, ...read, ...named])].toSorted(compareText))
    hash.update(`${path}\0${printOf(root, path)}\0`)
  return hash.update(files.join('\n')).digest('hex')
}

/** A word of the command that is no file has no content. */
function printOf(root: string, path: string): string {
  try {
    const bytes = readUnchangedOrNull(join(root, path))?.bytes
    return bytes === undefined ? '' : createHash('sha256').update(bytes).digest('hex')
  } catch {
    return '' // a folder, or unreadable: the command will say so
  }
}
