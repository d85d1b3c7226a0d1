#!/usr/bin/env node
import * as modules from 'node:module'
import process from 'node:process'
import { installMissing } from './node-22/install-missing.ts'
import { silenceSqlite } from './silence-sqlite.ts'

// An older Node lacks what is imported from here on, and would say so in words of its own.
const oldest = 22
if (Number.parseInt(process.versions.node, 10) < oldest) {
  process.stderr.write(
    `cox needs Node ${oldest}.13 or later, and this is ${process.version}: install a newer one, or start it with one\n`,
  )
  process.exit(2)
}
// Most calls are short and frequent: a compile cache halves their start.
modules.enableCompileCache()
installMissing()
silenceSqlite()
const typed = process.argv.slice(2)
const given = /^(?:-C|--directory(?:=.*)?)$/s.test(typed[0] ?? '')
  ? (await import('./leading-directory.ts')).enterDirectory(typed)
  : typed
// Typed from habit.
const args = given?.[0] === 'help' ? [...given.slice(1), '--help'] : given
// What is wrong with the folder was told.
if (args === null) process.exitCode = 2
// A shell asks this at every tab; its words are half-typed and must not be parsed as a command.
else if (args[0] === '__complete') process.stdout.write(await (await import('./completion/propose.ts')).propose(args.slice(1)))
else if (await answeredPlainly(args)) {
  // All is done but for what a slow reader has not taken yet: taking a large heap apart would be the rest of the wait.
  process.stdout.write('', () => process.exit())
} else await (await import('./run-cli.ts')).runCli(args)

/** What agents, hooks and CI ask again and again is answered before the command framework is loaded. */
async function answeredPlainly([command, ...words]: readonly string[]): Promise<boolean> {
  if (command === 'check') return (await import('./plain-check.ts')).plainCheck(words)
  return command === 'compile' && (await import('./plain-compile.ts')).plainCompile(words)
}
