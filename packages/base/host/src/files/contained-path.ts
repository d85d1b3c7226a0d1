import { realpath } from 'node:fs/promises'
import { dirname, isAbsolute, relative, resolve } from 'node:path'
import { CoxError } from '@coxswain/kernel'

/** Resolves a path inside `root`, following symlinks of what exists. @throws CoxError PATH_OUTSIDE */
export async function containedPath(root: string, path: string): Promise<string> {
  const realRoot = await realpath(root)
  const target = await realPathOfExisting(resolve(realRoot, path))
  const inside = relative(realRoot, target)
  if (inside === '..' || inside.startsWith('../') || isAbsolute(inside)) {
    throw new CoxError('PATH_OUTSIDE', `${path} lies outside ${root}`, {
      hint: 'Use a path inside the folder; symlinks are followed.',
    })
  }
  return target
}

async function realPathOfExisting(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    const parent = dirname(path)
    if (!isMissing || parent === path) throw error
    return resolve(await realPathOfExisting(parent), path.slice(parent.length + (parent === '/' ? 0 : 1)))
  }
}
