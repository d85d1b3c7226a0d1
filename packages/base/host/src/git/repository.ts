import { createHash } from 'node:crypto'
import { realpath } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { CoxError, isCoxError } from '@coxswain/kernel'
import { explainOwner } from './explain-refusal.ts'
import { openGit, type Git } from './open-git.ts'

export interface Repository {
  /** The folder of the main checkout, or of the bare repository. */
  readonly root: string
  /** What all worktrees share. */
  readonly gitDir: string
  readonly isBare: boolean
  /** By its path: earlier versions knew a repository so. */
  readonly pathId: string
  readonly git: Git
}

/** Finds the repository around a folder; from inside a linked worktree, its main checkout. @throws CoxError NOT_A_REPOSITORY, REPOSITORY_OF_ANOTHER, GIT_MISSING, FOLDER_MISSING */
export async function openRepository(folder: string): Promise<Repository> {
  const git = openGit(resolve(folder))
  const found = await git
    .attempt(['rev-parse', '--is-bare-repository', '--path-format=absolute', '--git-common-dir'])
    .catch((error: unknown) => {
      if (!isCoxError(error, 'COMMAND_NOT_FOUND')) throw error
      throw new CoxError('GIT_MISSING', 'git was not found on PATH', { hint: 'Install git 2.38 or newer.', cause: error })
    })
  if (found.exitCode !== 0) {
    const refused = explainOwner(found.stderr)
    if (refused !== null) throw refused
    throw new CoxError('NOT_A_REPOSITORY', `${resolve(folder)} is not inside a git repository`, {
      hint: 'Run `git init` and make a first commit, or name a repository with -C DIR.',
    })
  }
  // The path may hold line breaks.
  const [, isBare, commonDir = ''] = /^(true|false)\n([\s\S]*)\n$/.exec(found.stdout) ?? []
  const gitDir = await realpath(commonDir)
  const root = isBare === 'true' ? gitDir : await mainCheckout(git, gitDir)
  return { root, gitDir, isBare: isBare === 'true', pathId: pathIdOf(root, gitDir), git: openGit(root) }
}

/** The common folder is `<root>/.git`, except for submodules, whose settings know, and separate git folders, which only their checkout knows. */
async function mainCheckout(git: Git, gitDir: string): Promise<string> {
  if (basename(gitDir) === '.git') return dirname(gitDir)
  const listed = await git.run(['worktree', 'list', '--porcelain', '-z'])
  const configured = await git.attempt(['config', '--file', `${gitDir}/config`, 'core.worktree'])
  if (configured.exitCode === 0) return realpath(resolve(gitDir, lineOf(configured.stdout)))
  const ownDir = await git.attempt(['rev-parse', '--absolute-git-dir'])
  const top = await git.attempt(['rev-parse', '--path-format=absolute', '--show-toplevel'])
  const isHere = ownDir.exitCode === 0 && top.exitCode === 0 && (await realpath(lineOf(ownDir.stdout))) === gitDir
  const [path = '', ...fields] = listed.slice(0, listed.indexOf('\0\0')).split('\0')
  // Where worktrees belong to a bare repository none of them is the main one: that is the one in which somebody works.
  const isBareWithWorktrees = fields.includes('bare') && top.exitCode === 0
  return isHere || isBareWithWorktrees ? realpath(lineOf(top.stdout)) : path.replace(/^worktree /, '')
}

function lineOf(output: string): string {
  return output.replace(/\n$/, '')
}

function pathIdOf(root: string, gitDir: string): string {
  const name = basename(root)
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .slice(0, 40)
  return `${name}-${createHash('sha256').update(gitDir).digest('hex').slice(0, 10)}`
}
