import process from 'node:process'

/** `cox compile` as hooks and CI call it again and again, without the command framework. False when more was asked than these few words. */
export async function plainCompile(args: readonly string[]): Promise<boolean> {
  const flags = readFlags(args)
  if (flags === null) return false
  const { compileConstraints } = await import('./commands/compile-handler.ts')
  await compileConstraints.call({ process }, flags)
  return true
}

interface PlainFlags {
  directory?: string
  check?: boolean
  agent?: string[]
}

/** Null for a word that needs the whole command. */
function readFlags(args: readonly string[]): PlainFlags | null {
  const flags: PlainFlags = {}
  const open = [...args]
  for (let word = open.shift(); word !== undefined; word = open.shift()) {
    if (word === '--check') flags.check = true
    else {
      const value = open.shift()
      if (value === undefined || value.startsWith('-')) return null
      if (word === '-C' || word === '--directory') flags.directory = value
      else if (word === '--agent') flags.agent = [...(flags.agent ?? []), value]
      else return null
    }
  }
  return flags
}
