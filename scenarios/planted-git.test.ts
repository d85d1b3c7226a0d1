import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createWorld } from './world.ts'

/* Capabilities: A1, R2. A repository that a contained agent makes in its worktree names programs, and nobody outside of the sandbox runs them. */

/** A repository in this folder, at a commit, that has a file rewritten by a program when git asks what changed. */
const plant = (folder: string, mark: string): string => `
  if [ -e "${folder}/.git" ]; then date >>"${folder}/f.txt"; else
  mkdir -p "${folder}"; cd "${folder}"; git init -q; echo x >f.txt
  export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@b
  git add f.txt; git commit -q -m x; echo '* filter=planted' >.gitattributes; echo y >f.txt
  git config filter.planted.clean "touch ${mark}; cat"; cd - >/dev/null; fi`

test('in folders of odd names, and in the place of a submodule that nobody filled', async () => {
  const turn = (mark: string): Readonly<Record<string, unknown>> => ({
    do: 'run',
    command: [
      'sh',
      '-ec',
      `${plant('line\nbreak', mark)}\n${plant('plain', mark)}\n${plant('vendor/lib', mark)}
      echo done >>work.txt
      git rev-parse HEAD:vendor/lib >vendor/lib/.git/HEAD`,
    ],
  })
  const outside = await mkdtemp(join(tmpdir(), 'cox-planted-'))
  onTestFinished(() => rm(outside, { recursive: true }))
  const mark = join(outside, 'mark')
  await using world = await createWorld({
    script: { plant: [[turn(mark)], [turn(mark)], [turn(mark)]] },
    config:
      "sandbox: required\nprotected: ['!**']\ngates: [{ name: thrice, command: [sh, -c, 'test $(wc -l <work.txt) -ge 3'], base: ignored }]\n",
    files: { 'a.txt': 'a\n' },
  })
  world.git('update-index', '--add', '--cacheinfo', `160000,${world.git('rev-parse', 'HEAD')},vendor/lib`)
  world.git('commit', '--quiet', '-m', 'a submodule')
  const { outcome, landed } = await world.ask('run', '[scenario:plant] do it', '--land')
  expect([outcome, existsSync(mark)]).toEqual(['landed', false])
  expect(world.git('ls-tree', '-r', '-z', '--name-only', landed ?? '').split('\0')).toContain('line\nbreak/f.txt')
})
