import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { agentHome, createWorld } from './world.ts'

/* Capabilities: R1, R2, A1. A contained agent uses git as people do, on an index, a stash and commits of its own: what its files are is its work. */

const sh = (...lines: string[]): Readonly<Record<string, unknown>> => ({
  do: 'run',
  command: ['sh', '-c', `exec >>report.txt 2>&1; set -ex; ${lines.join('\n')}`],
})

const firstTurn = sh(
  'git rm -q removed.txt; git mv moved.txt there.txt; echo new >new.txt; git add new.txt; git status --short',
  'git commit -q -m mine; git log -2 --format=%s',
  'echo more >>new.txt; git stash -q; git stash list --format=%gs; git stash pop -q; git diff --shortstat HEAD',
  'echo odd >changed.txt; git restore changed.txt; git switch -q -c of-mine; git tag mine; git status --short',
  // What only a stash holds is no work.
  'echo forgotten >>changed.txt; git stash -q -- changed.txt',
)

const report = `+ git rm -q removed.txt
+ git mv moved.txt there.txt
+ echo new
+ git add new.txt
+ git status --short
A  new.txt
D  removed.txt
R  moved.txt -> there.txt
?? report.txt
+ git commit -q -m mine
+ git log -2 --format=%s
mine
first
+ echo more
+ git stash -q
+ git stash list --format=%gs
WIP on (no branch): COMMIT mine
+ git stash pop -q
+ git diff --shortstat HEAD
 1 file changed, 1 insertion(+)
+ echo odd
+ git restore changed.txt
+ git switch -q -c of-mine
+ git tag mine
+ git status --short
 M new.txt
?? report.txt
+ echo forgotten
+ git stash -q -- changed.txt
`

const secondTurn = `+ git status --short
 M report.txt
+ git show --format= --name-status HEAD
A\tnew.txt
D\tremoved.txt
A\treport.txt
R100\tmoved.txt\tthere.txt
+ git stash pop -q
+ cat changed.txt
one
forgotten
+ touch done.txt
`

test('add, rm, mv, stash, commit, restore and switch work for an agent, and the person keeps index, stash and refs', async () => {
  await using world = await createWorld({
    config: 'gates: [{ name: done, command: [test, -e, done.txt], base: ignored }]\n',
    files: { 'removed.txt': 'one\n', 'moved.txt': 'two\n', 'changed.txt': 'one\n', 'own.txt': 'one\n' },
    script: {
      git: [
        [firstTurn],
        [
          { do: 'mark' },
          sh('git status --short; git show --format= --name-status HEAD; git stash pop -q; cat changed.txt; touch done.txt'),
        ],
      ],
    },
  })
  await world.write('own.txt', 'stashed\n')
  world.git('stash', '--quiet')
  await world.write('own.txt', 'staged\n')
  world.git('add', 'own.txt')
  const persons = (): string[] => [
    world.git('stash', 'list', '--format=%H %gs'),
    world.git('diff', '--cached'),
    world.git('for-each-ref', '--format=%(refname)', 'refs/heads', 'refs/tags', 'refs/stash'),
    readFileSync(join(world.repo, '.git/config'), 'utf8'),
  ]
  const before = persons()

  expect(await world.ask('run', '[scenario:git] do it', '--land')).toMatchObject({ outcome: 'landed', turns: 2 })

  const told = world.git('show', 'main:report.txt').replace(/\b[0-9a-f]{7,}\b/g, 'COMMIT')
  expect(`${told}\n`).toBe(report + secondTurn)
  expect(world.git('show', '--format=', '--name-status', '-M', 'main').split('\n').toSorted()).toEqual(
    ['A\tdone.txt', 'A\tnew.txt', 'A\treport.txt', 'D\tremoved.txt', 'M\tchanged.txt', 'R100\tmoved.txt\tthere.txt'].toSorted(),
  )
  expect(world.git('show', 'main:new.txt')).toBe('new\nmore')
  expect(persons()).toEqual(before)
  // The second turn was told of what it had stashed, and a person was.
  expect(readFileSync(join(agentHome(world), 'marks.jsonl'), 'utf8')).toContain('Your stash holds changes.')
  expect((await world.cox('logs', 'r1')).stdout).toContain('the agent left changes in a stash of its own')
  expect(existsSync(join(world.state(), 'runs/r1/session-1/git'))).toBe(false)
})
