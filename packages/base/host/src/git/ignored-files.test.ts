import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ignoredSince } from './ignored-files.ts'
import { openGit } from './open-git.ts'

test('what was written since, and is ignored, comes with the line that ignores it', async () => {
  const root = await mkdtemp(join(tmpdir(), 'cox-ignored-'))
  try {
    const git = openGit(root)
    await git.run(['init', '--quiet'])
    await writeFile(join(root, 'mine'), '# mine\nTODO.md\n')
    await git.run(['config', 'core.excludesFile', join(root, 'mine')])
    await writeFile(join(root, '.gitignore'), 'dist/\n*.log\n')
    await mkdir(join(root, 'dist'))
    for (const path of ['TODO.md', 'dist/x', 'a\nb.log', 'old.log', 'plain.txt']) await writeFile(join(root, path), 'x')
    await utimes(join(root, 'old.log'), 1_000, 1_000)
    const found = await ignoredSince(git, 2_000_000)
    expect(found.toSorted((a, b) => a.path.localeCompare(b.path))).toEqual([
      { path: 'a\nb.log', by: '.gitignore:2' },
      { path: 'dist/', by: '.gitignore:1' },
      { path: 'TODO.md', by: `${join(root, 'mine')}:2` },
    ])
    expect(await ignoredSince(git, Date.parse('2100-01-01'))).toEqual([])
  } finally {
    await rm(root, { recursive: true })
  }
})
