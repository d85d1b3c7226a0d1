import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** The program of the installed package for this machine; null where its makers build none. The package's own bin is put there by a script that our install does not run. */
export function findAstGrep(platform: string, arch: string): string | null {
  const packageName = platformPackages[`${platform}-${arch}`]
  if (packageName === undefined) return null
  const fromHere = createRequire(import.meta.url)
  try {
    const fromCli = createRequire(fromHere.resolve('@ast-grep/cli/package.json'))
    const folder = dirname(fromCli.resolve(`${packageName}/package.json`))
    const program = join(folder, platform === 'win32' ? 'ast-grep.exe' : 'ast-grep')
    return existsSync(program) ? program : null
  } catch {
    return null
  }
}

const platformPackages: Readonly<Record<string, string>> = {
  'linux-x64': '@ast-grep/cli-linux-x64-gnu',
  'linux-arm64': '@ast-grep/cli-linux-arm64-gnu',
  'darwin-x64': '@ast-grep/cli-darwin-x64',
  'darwin-arm64': '@ast-grep/cli-darwin-arm64',
  'win32-x64': '@ast-grep/cli-win32-x64-msvc',
  'win32-arm64': '@ast-grep/cli-win32-arm64-msvc',
}
