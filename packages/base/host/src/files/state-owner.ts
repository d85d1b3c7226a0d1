import { join } from 'node:path'
import { readKept, type Kept } from '../git/repository-id.ts'
import { replaceFile } from './replace-file.ts'

/** Whose state a folder holds, for people and for whoever finds the folder alone. */
export type StateOwner = Omit<Kept, 'version' | 'copyOf'>

export function readOwner(root: string): StateOwner | null {
  return readKept(ownerFile(root))
}

export function writeOwner(root: string, { id, path, device, inode, ...more }: StateOwner): void {
  const { roots, isAdopted } = more
  replaceFile(ownerFile(root), `${JSON.stringify({ version: 1, id, path, device, inode, roots, isAdopted })}\n`)
}

export function ownerFile(root: string): string {
  return join(root, 'repository.json')
}
