import type { World } from './judge-statement.ts'
import { lintersRun, readLinterConfigs } from '@coxswain/meaning'

/** What sentences are judged by, read once. */
export async function openWorld(root: string, files: readonly string[]): Promise<World> {
  const [configs, linters] = await Promise.all([readLinterConfigs(root, files), lintersRun(root, files)])
  const folderNames = new Set(files.flatMap((file) => file.split('/').slice(0, -1)))
  return { files, folderNames, configs, linters }
}
