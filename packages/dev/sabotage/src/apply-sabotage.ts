import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { errorMessage } from '@coxswain/kernel'
import type { Sabotage } from './read-list.ts'

export function occurrences(root: string, file: string, from: string): number {
  const path = join(root, file)
  return existsSync(path) ? readFileSync(path, 'utf8').split(from).length - 1 : 0
}

/** Why it cannot be applied; null where it can. */
export function obstacleTo(root: string, { file, from, to }: Sabotage): string | null {
  const found = occurrences(root, file, from)
  if (found !== 1) return `\`from\` occurs ${found} times in ${file}`
  if (!file.endsWith('.ts')) return null
  try {
    stripTypeScriptTypes(readFileSync(join(root, file), 'utf8').replace(from, () => to))
    return null
  } catch (error) {
    return `\`to\` does not parse: ${errorMessage(error).split('\n', 1)[0]}`
  }
}

/** Disposing puts the file back. */
export function applySabotage(root: string, { file, from, to }: Sabotage): Disposable {
  const path = join(root, file)
  const before = readFileSync(path, 'utf8')
  writeFileSync(
    path,
    before.replace(from, () => to),
  )
  return { [Symbol.dispose]: () => writeFileSync(path, before) }
}
