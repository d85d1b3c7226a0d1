import { appendFile, chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runsLandedOn, tipOf } from './branches.ts'
import { commitTree, unifiedDiff } from './commits.ts'
import { openGit } from './open-git.ts'
import { filesWithLine } from './read-objects.ts'
import { snapshotTree } from './snapshot-tree.ts'
import { isClean, strayFiles } from './working-tree.ts'

/** What people set for their own eyes and hands, and programs that would hang or fail. */
const settings = `
[status]
  showUntrackedFiles = no
  short = true
  branch = true
[color]
  ui = always
  grep = always
[diff]
  noprefix = true
  mnemonicPrefix = true
  external = /bin/false
  orderFile = /nonexistent
  context = 0
  wordRegex = .
  submodule = log
[log]
  showSignature = true
[i18n]
  commitEncoding = ISO-8859-1
  logOutputEncoding = ISO-8859-1
[core]
  pager = false
  safecrlf = true
  autocrlf = input
  splitIndex = true
  abbrev = 4
[grep]
  lineNumber = true
  patternType = fixed
[format]
  pretty = oneline
`

test('what a person set for their own git changes neither what ours does nor what it prints', async () => {
  const root = await mkdtemp(join(tmpdir(), 'cox-settings-'))
  const git = openGit(join(root, 'repo'))
  const write = (path: string, content: string): Promise<void> => writeFile(join(git.cwd, path), content)
  try {
    await mkdir(git.cwd)
    await git.run(['init', '--quiet', '-b', 'main'])
    for (const [key, value] of [
      ['user.name', 'A'],
      ['user.email', 'a@b'],
    ] as const)
      await git.run(['config', key, value])
    await write('a.txt', 'one\ntwo\nthree\n')
    await git.run(['add', '--all'])
    await git.run(['commit', '--quiet', '-m', 'first'])
    const first = await git.run(['rev-parse', 'HEAD'])
    await appendFile(join(git.cwd, '.git/config'), settings)
    await write('../gpg', '#!/bin/sh\necho "gpg: who is that?" >&2\nexit 1\n')
    await chmod(join(root, 'gpg'), 0o755)
    await git.run(['config', 'gpg.program', join(root, 'gpg')])

    await write('a.txt', 'one\nTWO\nthree\n')
    await write('crlf.txt', 'one\r\ntwo\n')
    expect([await isClean(git), (await strayFiles(git)).untracked]).toEqual([false, ['crlf.txt']])
    const tree = await snapshotTree(git, first)
    expect((await readFile(join(git.cwd, '.git/index'))).includes('link')).toBe(false)
    const made = await commitTree(git, { tree, parents: [first], message: 'Grüße\n\nCoxswain-Run: r1\n', at: 1_800_000_000 })
    const raw = await git.run(['cat-file', 'commit', made])
    expect([raw.includes('Grüße'), raw.includes('encoding')]).toEqual([true, false])
    // Signed by a key that nobody here knows.
    const signed = raw.replace('\n\n', '\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\n')
    const tip = await git.run(['hash-object', '-t', 'commit', '-w', '--stdin'], { stdin: `${signed}\n` })
    await git.run(['update-ref', 'refs/heads/main', tip])
    expect([await tipOf(git, 'main'), (await runsLandedOn(git, 'main'))[0]]).toEqual([{ commit: tip, tree }, 'r1'])
    expect(await git.run(['log', '-1', '--format=%s', tip])).toBe('Grüße')
    expect(await filesWithLine(git, { tree, pattern: '^T.O$', paths: ['a.txt'] })).toEqual(['a.txt'])
    expect(await unifiedDiff(git, { from: first, to: tip, paths: ['a.txt'] })).toMatch(
      /^diff --git a\/a\.txt b\/a\.txt\nindex \w+\.\.\w+ 100644\n--- a\/a\.txt\n\+\+\+ b\/a\.txt\n@@ -1,3 \+1,3 @@\n one\n-two\n\+TWO\n three$/,
    )
  } finally {
    await rm(root, { recursive: true })
  }
})
