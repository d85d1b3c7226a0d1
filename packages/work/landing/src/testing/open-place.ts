import { openRepository } from '@coxswain/host'
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { landChange, type Change, type Landing, type LandingContext } from '../land-change.ts'

/** A repository with a first commit, in which a person has `main` checked out. */
export interface Place extends AsyncDisposable {
  readonly root: string
  readonly repo: string
  /** What `work` grows from. */
  base: string
  git(...args: string[]): string
  read(path: string): Promise<string>
  write(path: string, content: string): Promise<void>
  commit(message: string): string
  /** Work of a run on top of `base`, made where no checkout sees it. */
  work(files: Readonly<Record<string, string>>, run?: string): Promise<Change>
  land(change: Change, changes?: Partial<LandingContext>, folder?: string): Promise<Landing>
  status(): string
}

export async function openPlace(): Promise<Place> {
  const root = await mkdtemp(join(tmpdir(), 'cox-landing-'))
  const repo = join(root, 'repo')
  await mkdir(repo)
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: repo, encoding: 'utf8' }).trim()
  const write = (path: string, content: string): Promise<void> => writeBelow(repo, path, content)
  const commit = (message: string): string => {
    git('add', '--all')
    git('commit', '--quiet', '--allow-empty', '-m', message)
    return git('rev-parse', 'HEAD')
  }
  git('init', '--quiet', '-b', 'main')
  git('config', 'user.name', 'Ann')
  git('config', 'user.email', 'ann@example.com')
  await write('a.txt', 'one\ntwo\nthree\nfour\nfive\n')
  await write('b.txt', 'b\n')
  const place: Place = {
    root,
    repo,
    base: commit('first'),
    git,
    read: (path) => readFile(join(repo, path), 'utf8'),
    write,
    commit,
    work: (files, run = 'r1') => makeWork(place, files, run),
    land: (change, changes = {}, folder = repo) => landThere(change, changes, folder),
    status: () => git('status', '--porcelain'),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  }
  return place
}

async function writeBelow(folder: string, path: string, content: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), content)
}

async function makeWork({ root, base, git }: Place, files: Readonly<Record<string, string>>, run: string): Promise<Change> {
  const tree = join(root, `work-${run}`)
  git('worktree', 'add', '--quiet', '--detach', tree, base)
  for (const [path, content] of Object.entries(files)) await writeBelow(tree, path, content)
  const inTree = (...args: string[]): string => execFileSync('git', args, { cwd: tree, encoding: 'utf8' }).trim()
  inTree('add', '--all')
  inTree('commit', '--quiet', '-m', 'work')
  const head = inTree('rev-parse', 'HEAD')
  git('worktree', 'remove', '--force', tree)
  return { run, base, head, message: `Work of ${run}\n\nCoxswain-Run: ${run}\n` }
}

async function landThere(change: Change, changes: Partial<LandingContext>, folder: string): Promise<Landing> {
  const repository = await openRepository(folder)
  return landChange(change, {
    repository,
    branch: 'main',
    at: 1_800_000_000,
    signal: new AbortController().signal,
    check: async () => [],
    ...changes,
  })
}
