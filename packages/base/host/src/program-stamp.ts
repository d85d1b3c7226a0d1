import { readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface ProgramParts {
  /** Folder of the asking module. */
  readonly own: string
  /** Rooms whose code decides the answer. */
  readonly rooms: readonly string[]
  /** `import.meta.resolve` of the asking module. */
  readonly resolve: (room: string) => string
}

/** Changes whenever this part of the program does: what another version of it has left behind is worth nothing. */
export function programStamp({ own, rooms, resolve }: ProgramParts): string {
  const folders = new Set([own, ...rooms.flatMap((room) => folderOf(room, resolve))])
  return [...folders]
    .filter((folder) => !isInside(folder, folders))
    .map(stampOf)
    .join()
}

/** In the published package all rooms are in the asking module's own folder, and none has a name. */
function folderOf(room: string, resolve: ProgramParts['resolve']): string[] {
  try {
    return [dirname(fileURLToPath(resolve(room)))]
  } catch {
    return []
  }
}

function isInside(folder: string, others: ReadonlySet<string>): boolean {
  return [...others].some((other) => folder.startsWith(`${other}/`))
}

function stampOf(folder: string): string {
  const sum = { bytes: 0, newest: 0 }
  addUp(folder, sum)
  return `${folder}:${sum.bytes}:${sum.newest}`
}

/** Asked at the start of short commands: node's own recursive listing takes three times as long. */
function addUp(folder: string, sum: { bytes: number; newest: number }): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) addUp(path, sum)
    else if (entry.isFile()) {
      const { size, mtimeMs } = statSync(path)
      sum.bytes += size
      sum.newest = Math.max(sum.newest, mtimeMs)
    }
  }
}
