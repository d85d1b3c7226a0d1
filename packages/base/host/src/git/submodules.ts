import { existsSync } from 'node:fs'
import { readFile, realpath, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { containedPath } from '../files/contained-path.ts'
import { detachAt } from './working-tree.ts'
import { gitFailed, openGit, type Git } from './open-git.ts'

/**
 * Fills the submodules of a linked worktree from those of the main checkout: without network, and only what is initialised there.
 * What was changed in them is undone. Returns the problems, in words; a tree without `.gitmodules` costs one look at a file.
 */
export async function fillSubmodules(git: Git, modules: string): Promise<string[]> {
  const problems: string[] = []
  for (const submodule of await listSubmodules(git, modules)) problems.push(...(await fill(submodule)))
  return problems
}

/** Paths of submodules that hold work of their own: it is in no tree of ours, and a commit in them is known to nobody else. */
export async function changedSubmodules(git: Git, modules: string): Promise<string[]> {
  const changed: string[] = []
  for (const submodule of await listSubmodules(git, modules)) {
    if (!existsSync(join(submodule.folder, '.git'))) continue
    const isChanged = !(await isOurs(submodule)) || (await holdsWork(submodule))
    if (isChanged) changed.push(submodule.path)
    else
      changed.push(
        ...(await changedSubmodules(openGit(submodule.folder), join(submodule.module, 'modules'))).map((path) =>
          join(submodule.path, path),
        ),
      )
  }
  return changed
}

interface Submodule {
  readonly git: Git
  readonly name: string
  readonly path: string
  /** What the index records. */
  readonly commit: string
  readonly folder: string
  /** The main checkout's repository of it. */
  readonly module: string
}

async function listSubmodules(git: Git, modules: string): Promise<Submodule[]> {
  if (!existsSync(join(git.cwd, '.gitmodules'))) return []
  // A `.gitmodules` that git cannot read is some text in the tree.
  const configured = await git.attempt([
    'config',
    '-z',
    '--file',
    '.gitmodules',
    '--get-regexp',
    String.raw`^submodule\..*\.path$`,
  ])
  const found: Submodule[] = []
  for (const entry of configured.stdout.split('\0').filter((part) => part !== '')) {
    const [key = '', path = ''] = entry.split('\n')
    const name = key.slice('submodule.'.length, -'.path'.length)
    const module = join(modules, name)
    // Not initialised by whoever owns the main checkout, or a name that leads elsewhere.
    if (/(?:^|\/)\.\.?(?:\/|$)|=/.test(name) || !existsSync(join(module, 'HEAD'))) continue
    const listed = await git.attempt(['--literal-pathspecs', 'ls-files', '--stage', '-z', '--', path])
    const [, commit, place] = /^160000 ([0-9a-f]+) 0\t(.+)\0$/s.exec(listed.stdout) ?? []
    const folder = await containedPath(git.cwd, path).catch(() => null)
    // No link, and no word for another folder.
    const isThere = place === path && folder === join(await realpath(git.cwd), path)
    if (commit !== undefined && isThere) found.push({ git, name, path, commit, folder, module })
  }
  return found
}

async function fill(submodule: Submodule): Promise<string[]> {
  const { git, name, path, commit, folder, module } = submodule
  if (await isOurs(submodule)) {
    const own = openGit(folder)
    if (!(await hasCommit(own, commit))) await own.attempt(['fetch', '--quiet', module, commit])
  } else {
    await rm(folder, { recursive: true, force: true })
    const settings = ['protocol.file.allow=always', `submodule.${name}.url=${module}`].flatMap((setting) => ['-c', setting])
    const args = ['submodule', '--quiet', 'update', '--init', '--force', '--checkout', '--', path]
    const made = await git.attempt(['--literal-pathspecs', ...settings, ...args])
    if (made.exitCode !== 0 && (await hasCommit(openGit(module), commit))) throw gitFailed(git.cwd, args, made)
  }
  if (!(await isOurs(submodule)) || !(await hasCommit(openGit(folder), commit)))
    return [
      `The submodule ${path} is at ${commit.slice(0, 10)}, which ${module} does not have. Update it in your checkout: git submodule update --init ${path}`,
    ]
  await detachAt(openGit(folder), commit)
  return fillSubmodules(openGit(folder), join(module, 'modules'))
}

/**
 * Its `.git` leads to the folder that git made for it beside the worktree's own. One that an agent put there could name programs for
 * git to run.
 */
async function isOurs({ git, name, folder }: Submodule): Promise<boolean> {
  const expected = join(await gitFolderOf(git.cwd), 'modules', name)
  const pointer = await gitFolderOf(folder)
  return pointer === expected && existsSync(join(expected, 'HEAD'))
}

async function gitFolderOf(root: string): Promise<string> {
  const pointer = /^gitdir: (.+)$/m.exec(await readFile(join(root, '.git'), 'utf8').catch(() => ''))?.[1]
  return pointer === undefined ? '' : resolve(root, pointer)
}

async function holdsWork({ folder, module }: Submodule): Promise<boolean> {
  const own = openGit(folder)
  const status = await own.attempt(['status', '--porcelain', '-z', '--ignore-submodules=all'])
  if (status.exitCode !== 0 || status.stdout !== '') return true
  return !(await hasCommit(openGit(module), (await own.attempt(['rev-parse', 'HEAD'])).stdout.trim()))
}

async function hasCommit(git: Git, commit: string): Promise<boolean> {
  return (await git.attempt(['cat-file', '-e', `${commit}^{commit}`])).exitCode === 0
}
