import process from 'node:process'
import { askService, readAhead, type ServiceQuestion } from '@coxswain/checks/client'

/**
 * `cox check` as agents call it after every edit: a running watch service answers before anything is loaded, and without one the
 * command framework is left out. False when more was asked than these few words.
 */
export async function plainCheck(args: readonly string[]): Promise<boolean> {
  const words = readWords(args)
  if (words === null) return false
  // A reader that closes early is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  const { directory, paths, flags } = words
  const cwd = directory ?? process.cwd()
  const cache = !flags.has('noCache')
  const answer = cache ? await askService({ cwd, paths, format: formatOf(flags) }) : null
  // An error is told by the command itself, with its next step.
  if (answer === null || answer.exitCode === 2) {
    if (answer === null) await readAhead(cwd, { cache })
    const { check } = await import('./commands/check-handler.ts')
    const named = Object.fromEntries([...flags].map((flag) => [flag, true]))
    await check.call({ process }, { ...named, ...(directory !== null && { directory }) }, ...paths)
  } else {
    process.stdout.write(`${answer.output.trimEnd()}\n`)
    process.exitCode = answer.exitCode
  }
  return true
}

interface Words {
  readonly directory: string | null
  readonly paths: readonly string[]
  readonly flags: ReadonlySet<string>
}

const known: ReadonlyMap<string, string> = new Map([
  ['--agent', 'agent'],
  ['--json', 'json'],
  ['--sarif', 'sarif'],
  ['--github', 'github'],
  ['--no-cache', 'noCache'],
])
const formats = ['agent', 'json', 'sarif', 'github']

/** Null for a word that needs the whole command, and for words that it refuses. */
function readWords(args: readonly string[]): Words | null {
  const [paths, flags] = [[] as string[], new Set<string>()]
  let directory: string | null = null
  const open = [...args]
  for (let word = open.shift(); word !== undefined; word = open.shift()) {
    const flag = known.get(word)
    if (flag !== undefined) flags.add(flag)
    else if (word === '-C' || word === '--directory') {
      const value = open.shift()
      if (value === undefined || value.startsWith('-')) return null
      directory = value
    } else if (word.startsWith('-')) return null
    else paths.push(word)
  }
  if (formats.filter((format) => flags.has(format)).length > 1) return null
  return { directory, paths, flags }
}

function formatOf(flags: ReadonlySet<string>): ServiceQuestion['format'] {
  if (flags.has('json')) return 'json'
  if (flags.has('sarif')) return 'sarif'
  return flags.has('github') ? 'github' : 'text'
}
