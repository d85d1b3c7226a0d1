import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ignoredFiles, type Repository } from '@coxswain/host'
import type { Setup } from './setup-key.ts'

const mostNamed = 3

/** What commands need most often comes first; what they make themselves is named last. */
const byNeed: readonly RegExp[] = [/(?:^|\/)(?:node_modules|\.?venv|vendor|Pods)\/$/, /(?:^|\/)\.env[^/]*$/]

/**
 * Where gates are red on the branch itself: what the person's checkout has and a tree that is set up has not, because git ignores it.
 * Null where nothing of that kind can be the cause. `proposed` is a set-up that the repository's own files suggest.
 */
export async function missingSetUp(place: {
  readonly repository: Repository
  readonly setup: Setup | null
  /** A tree that is set up. */
  readonly tree: string
  readonly proposed: readonly string[] | null
  /** What could not be started, where that is it: only what would hold it is named. */
  readonly program: string | null
}): Promise<string | null> {
  const { repository, setup, tree, proposed, program } = place
  const ignored = repository.isBare ? [] : await ignoredFiles(repository.git).catch(() => [])
  const missing = ignored
    .filter((path) => !existsSync(join(tree, path)) && (program === null || isBelow(program, path)))
    .toSorted((left, right) => needOf(left) - needOf(right))
  const isProposed = setup === null && proposed !== null && (program === null || installed.test(program))
  if (missing.length === 0 && !isProposed) return null
  const what = missing.length === 0 ? 'nothing that git ignores' : `no ${missing.slice(0, mostNamed).map(plain).join(', no ')}`
  const where = `Gates run in a fresh worktree, which has ${what}`
  if (setup !== null)
    return `${where}: git ignores that in your checkout, and \`setup:\` (${setup.command.join(' ')}) does not make it.`
  const command = proposed === null ? '[…]' : `[${proposed.join(', ')}]`
  return `${where}: git ignores such files, and \`setup:\` in harness/harness.yaml makes them: \`setup: { command: ${command} }\`.`
}

/** Where package managers put programs. */
const installed = /(?:^|\/)(?:node_modules|\.?venv|vendor)\//

function isBelow(program: string, path: string): boolean {
  const plainly = program.replace(/^(?:\.\/)+/, '')
  return path.endsWith('/') ? plainly.startsWith(path) : plainly === path
}

function needOf(path: string): number {
  const at = byNeed.findIndex((form) => form.test(path))
  return at === -1 ? byNeed.length : at
}

/** A name from a file system ends no line and colours nothing. */
function plain(path: string): string {
  return path.replaceAll(/[^\P{C}]/gu, '?').slice(0, 120)
}
