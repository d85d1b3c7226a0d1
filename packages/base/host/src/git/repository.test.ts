import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openGit } from './open-git.ts'
import { openRepository } from './repository.ts'

test('a worktree of a bare repository is a place to work in; the repository itself is none', async () => {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'cox-bare-')))
  try {
    const bare = join(root, '.bare')
    await openGit(root).run(['init', '--quiet', '--bare', '-b', 'main', bare])
    await writeFile(join(root, '.git'), 'gitdir: ./.bare\n')
    const git = openGit(root)
    const tree = await git.run(['mktree'], { stdin: '' })
    const first = await git.run(['-c', 'user.name=A', '-c', 'user.email=a@b', 'commit-tree', tree, '-m', 'first'])
    await git.run(['update-ref', 'refs/heads/main', first])
    for (const name of ['one', 'two']) await git.run(['worktree', 'add', '--quiet', '-b', name, join(root, name), 'main'])
    const [here, there, above] = [
      await openRepository(join(root, 'one')),
      await openRepository(join(root, 'two')),
      await openRepository(root),
    ]
    expect([here, there, above].map(({ root: at, gitDir, isBare }) => ({ at, gitDir, isBare }))).toEqual([
      { at: join(root, 'one'), gitDir: bare, isBare: false },
      { at: join(root, 'two'), gitDir: bare, isBare: false },
      { at: bare, gitDir: bare, isBare: true },
    ])
  } finally {
    await rm(root, { recursive: true })
  }
})
