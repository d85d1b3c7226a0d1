import { createHash } from 'node:crypto'
import { arch, platform } from 'node:os'
import process from 'node:process'
import { listTree, type Git, type TreeEntry } from '@coxswain/host'
import type { HarnessConfig } from '@coxswain/model'

export type Setup = NonNullable<HarnessConfig['setup']>

/** Grows when trees that were set up before must not be used any more. */
const definition = 1

/**
 * Trees with the same key get the same from set-up: its command, the content of its key files, the commits of submodules, and the
 * platform with the version of Node. Read from the tree in git.
 */
export async function setupKey(git: Git, tree: string, setup: Setup | null): Promise<string> {
  const keys = setup === null ? [] : setup.keys.map((key) => key.replace(/^\.\/|\/+$/g, ''))
  const within = keys.filter((key) => key !== '.' && !key.startsWith('/') && !key.split('/').includes('..'))
  const listed = await listTree(git, tree, ['.gitmodules', ...within])
  const modules = listed.some(({ path }) => path === '.gitmodules') ? await submodulesOf(git, tree) : []
  const whole = keys.includes('.') ? tree : ''
  return createHash('sha256')
    .update(JSON.stringify([definition, setup?.command ?? null, setup?.network ?? null, keys, listed, modules, whole]))
    .update(JSON.stringify([platform(), arch(), process.version]))
    .digest('hex')
    .slice(0, 20)
}

async function submodulesOf(git: Git, tree: string): Promise<TreeEntry[]> {
  return (await listTree(git, tree)).filter(({ mode }) => mode === '160000')
}
