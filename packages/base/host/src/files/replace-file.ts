import { renameSync, writeFileSync } from 'node:fs'

/** Replaces a small file as a whole, for what means nothing once the machine itself went down: it does not wait for the disk. */
export function replaceFile(path: string, content: string): void {
  const staging = `${path}.${process.pid}.tmp`
  writeFileSync(staging, content)
  renameSync(staging, path)
}
