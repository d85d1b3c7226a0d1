import { readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Changes whenever this program does: findings of another version of it are worth nothing. */
export function programStamp(): string {
  const folders = [import.meta.dirname, ...['@coxswain/facts', '@coxswain/rules', '@coxswain/checks'].flatMap(folderOf)]
  return [...new Set(folders)].map(stampOf).join()
}

/** In the published package all rooms are in this file's own folder. */
function folderOf(room: string): string[] {
  try {
    return [dirname(fileURLToPath(import.meta.resolve(room)))]
  } catch {
    return []
  }
}

function stampOf(folder: string): string {
  let [bytes, newest] = [0, 0]
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue
    const { size, mtimeMs } = statSync(join(entry.parentPath, entry.name))
    bytes += size
    newest = Math.max(newest, mtimeMs)
  }
  return `${folder}:${bytes}:${newest}`
}
