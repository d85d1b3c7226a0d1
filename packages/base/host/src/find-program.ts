import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { delimiter, isAbsolute, join } from 'node:path'

/** The path of an executable, looked up in the given PATH; null when there is none. */
export async function findProgram(name: string, env: Readonly<Record<string, string>>): Promise<string | null> {
  if (isAbsolute(name)) return (await isExecutableFile(name)) ? name : null
  if (name.includes('/')) return null
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    if (folder !== '' && (await isExecutableFile(join(folder, name)))) return join(folder, name)
  }
  return null
}

export async function isExecutableFile(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}
