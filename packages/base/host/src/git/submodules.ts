import { existsSync } from 'node:fs'
import { readFile, realpath, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { containedPath } from '../files/contained-path.ts'
import { resolveCommit } from './commits.ts'
import { gitFailed, type Git } from './open-git.ts'
import { detachAt } from './working-tree.ts'

/**
 * Fills the submodules of a linked worktree from those of the main checkout: without network, and only what is initialised there.
 * What was changed in them is undone. Returns the problems, in words; a tree without `.gitmodules` costs one look at a file.
 */
export async function fillSubmodules(git: Git, modules: string): Promise<string[]> {
  return fillAll({ git, own: git.folders().own, modules })
}

/** Paths of submodules that hold work of their own: it is in no tree of ours, and a commit in them is known to nobody else. */
export async function changedSubmodules(git: Git, modules: string): Promise<string[]> {
  return changedBelow({ git, own: git.folders().own, modules })
}

/** What the index records of submodules. A path has a character for each of its bytes (latin1), because it need not be text. */
export async function submodulesOfIndex(git: Git): Promise<{ readonly path: string; readonly commit: string }[]> {
  const listed = Buffer.from(await git.read(['ls-files', '--stage', '-z'], { maxOutputBytes: 512 * 1024 * 1024 })).toString(
    'latin1',
  )
  const links = listed.split('\0').filter((entry) => entry.startsWith('160000 '))
  return links.map((entry) => ({ path: entry.slice(entry.indexOf('\t') + 1), commit: entry.split(' ')[1] ?? '' }))
}

/**
 * Brings the index to where the submodules of a working tree stand, without git looking into them: one whose folder is gone leaves it, and one
 * that is at another commit, by the folder that git made for it, is recorded there. What another repository says that lies in the
 * place of a submodule counts for nothing. Returns the paths of all that are left, by their bytes.
 */
export async function settleSubmodules(git: Git): Promise<string[]> {
  const recorded = await submodulesOfIndex(git)
  if (recorded.length === 0) return []
  const { own, common } = git.folders()
  const known = new Map(
    (await listSubmodules({ git, own, modules: join(common, 'modules') })).map((found) => [found.path, found]),
  )
  const lines: string[] = []
  const left: string[] = []
  for (const { path, commit } of recorded) {
    if (await isFolder(git.cwd, path)) left.push(path)
    else lines.push(`0 ${'0'.repeat(commit.length)}\t${path}\0`)
    const submodule = known.get(Buffer.from(path, 'latin1').toString('utf8'))
    if (submodule === undefined || !(await isOurs(submodule))) continue
    const head = await resolveCommit(git.at(submodule.folder, submodule.own), 'HEAD')
    if (head !== null && head !== commit) lines.push(`160000 ${head}\t${path}\0`)
  }
  const options = { stdin: Buffer.from(lines.join(''), 'latin1'), env: { GIT_OPTIONAL_LOCKS: '1' } }
  if (lines.length > 0) await git.run(['update-index', '-z', '--index-info'], options)
  return left
}

async function isFolder(root: string, path: string): Promise<boolean> {
  const place = `${await realpath(root, 'latin1')}/${path}`
  const bytes = Buffer.from(place, 'latin1')
  return (
    (await realpath(bytes, 'latin1').catch(() => null)) === place && (await stat(bytes).catch(() => null))?.isDirectory() === true
  )
}

interface Place {
  readonly git: Git
  /** Its git folder. What says so in the working tree may be changed at any time by an agent that is alive. */
  readonly own: string
  /** Where the main checkout keeps the repositories of its submodules. */
  readonly modules: string
}

async function fillAll(place: Place): Promise<string[]> {
  const problems: string[] = []
  for (const submodule of await listSubmodules(place)) problems.push(...(await fill(submodule)))
  return problems
}

async function changedBelow(place: Place): Promise<string[]> {
  const changed: string[] = []
  for (const submodule of await listSubmodules(place)) {
    if (!existsSync(join(submodule.folder, '.git'))) continue
    const isChanged = !(await isOurs(submodule)) || (await holdsWork(submodule))
    if (isChanged) changed.push(submodule.path)
    else changed.push(...(await changedBelow(placeOf(submodule))).map((path) => join(submodule.path, path)))
  }
  return changed
}

function placeOf({ git, folder, own, module }: Submodule): Place {
  return { git: git.at(folder, own), own, modules: join(module, 'modules') }
}

interface Submodule {
  readonly git: Git
  readonly name: string
  readonly path: string
  /** What the index records. */
  readonly commit: string
  readonly folder: string
  /** The folder that git made for it beside the worktree's own. */
  readonly own: string
  /** The main checkout's repository of it. */
  readonly module: string
}

async function listSubmodules({ git, own, modules }: Place): Promise<Submodule[]> {
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
    if (commit !== undefined && isThere) found.push({ git, name, path, commit, folder, own: join(own, 'modules', name), module })
  }
  return found
}

async function fill(submodule: Submodule): Promise<string[]> {
  const { git, name, path, commit, folder, module } = submodule
  const place = placeOf(submodule)
  if (await isOurs(submodule)) {
    if (!(await hasCommit(place.git, commit))) await place.git.attempt(['fetch', '--quiet', module, commit])
  } else {
    await rm(folder, { recursive: true, force: true })
    const settings = ['protocol.file.allow=always', `submodule.${name}.url=${module}`].flatMap((setting) => ['-c', setting])
    const args = ['submodule', '--quiet', 'update', '--init', '--force', '--checkout', '--', path]
    const made = await git.attempt(['--literal-pathspecs', ...settings, ...args])
    if (made.exitCode !== 0 && (await hasCommit(git.at(module), commit))) throw gitFailed(git.cwd, args, made)
  }
  if (!(await isOurs(submodule)) || !(await hasCommit(place.git, commit)))
    return [
      `The submodule ${path} is at ${commit.slice(0, 10)}, which ${module} does not have. Update it in your checkout: git submodule update --init ${path}`,
    ]
  await detachAt(place.git, commit)
  return fillAll(place)
}

/** Its `.git` leads to the folder that git made for it. One that an agent put there could name programs for git to run. */
async function isOurs({ own, folder }: Submodule): Promise<boolean> {
  const pointer = /^gitdir: (.+)$/m.exec(await readFile(join(folder, '.git'), 'utf8').catch(() => ''))?.[1]
  return pointer !== undefined && resolve(folder, pointer) === own && existsSync(join(own, 'HEAD'))
}

async function holdsWork(submodule: Submodule): Promise<boolean> {
  const { git } = placeOf(submodule)
  const status = await git.attempt(['status', '--porcelain', '-z', '--ignore-submodules=all'])
  if (status.exitCode !== 0 || status.stdout !== '') return true
  return !(await hasCommit(git.at(submodule.module), (await git.attempt(['rev-parse', 'HEAD'])).stdout.trim()))
}

async function hasCommit(git: Git, commit: string): Promise<boolean> {
  return (await git.attempt(['cat-file', '-e', `${commit}^{commit}`])).exitCode === 0
}
