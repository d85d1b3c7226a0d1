import process from 'node:process'
import { fileURLToPath } from 'node:url'

/** The command line of this very `cox`, for those who start it again. */
export function ownCommand(): string[] {
  const main = new URL(import.meta.url.endsWith('.ts') ? './main.ts' : './main.js', import.meta.url)
  return [process.execPath, ...process.execArgv, fileURLToPath(main)]
}
