import { statSync } from 'node:fs'
import process from 'node:process'
import { CoxError } from '@coxswain/kernel'

interface Leading {
  /** Each seen from the one before it, as git does; null for a word that is missing. */
  readonly folders: readonly (string | null)[]
  readonly rest: readonly string[]
}

/** `-C DIR` and `--directory DIR` before the command. */
export function leadingDirectory(args: readonly string[]): Leading {
  const folders: (string | null)[] = []
  const rest = [...args]
  for (let [word = ''] = rest; isDirectoryFlag(word); [word = ''] = rest) {
    rest.shift()
    folders.push(word.includes('=') ? word.slice(word.indexOf('=') + 1) : (rest.shift() ?? null))
  }
  return { folders, rest }
}

function isDirectoryFlag(word: string): boolean {
  return word === '-C' || word === '--directory' || word.startsWith('--directory=')
}

/** Goes there, so that every command finds itself in that folder, and returns what is left to do. Null after telling what is wrong. */
export function enterDirectory(args: readonly string[]): readonly string[] | null {
  const { folders, rest } = leadingDirectory(args)
  for (const folder of folders) {
    const isFolder = folder !== null && statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true
    if (!isFolder) return refuse(folder, rest.includes('--json'))
    process.chdir(folder)
  }
  return rest
}

function refuse(folder: string | null, asJson: boolean): null {
  const message = folder === null ? '`-C` names no folder' : `There is no folder ${JSON.stringify(folder)}`
  const error = new CoxError('USAGE', message, { hint: 'Name one before the command: cox -C DIR status.' })
  if (asJson) process.stdout.write(`${JSON.stringify({ error })}\n`)
  else process.stderr.write(`${error.code}: ${error.message}\n  ${error.hint}\n`)
  return null
}
