import { realpathSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import type { Root } from '@coxswain/facts'

/** What was asked for, as the repository names it: empty for the root, null for what lies outside. */
export function pathFromRoot({ root, inside }: Root, path: string): string | null {
  const asked = resolve(root, inside, path)
  // The root is a real path: one that leads to it by a link is told apart only where both are.
  return within(root, asked) ?? within(root, realPathOf(asked))
}

function within(root: string, path: string): string | null {
  const inRoot = relative(root, path).replaceAll('\\', '/')
  return inRoot === '..' || inRoot.startsWith('../') || resolve(root, inRoot) !== path ? null : inRoot
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
