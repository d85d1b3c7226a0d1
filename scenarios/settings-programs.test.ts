import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createWorld, type World } from './world.ts'

/* Capabilities: A1, C6, L1. Programs of a person's git settings that lie in the repository are an agent's to change: git of ours starts them contained. */

const settings = `
[user]
  name = Ann
  email = ann@example.com
[filter "shout"]
  clean = sh tools/clean.sh %f
  smudge = sh tools/smudge.sh %f
[merge "both"]
  driver = sh tools/merge.sh %O %A %B %P
`

const files = {
  '.gitattributes': '*.txt filter=shout merge=both\n',
  'tools/clean.sh': 'tr a-z A-Z\n',
  'tools/smudge.sh': 'tr A-Z a-z\n',
  'tools/merge.sh': 'cat "$3" >>"$2"\n',
  'a.txt': 'ONE\n',
}

async function open(script: Record<string, unknown>, config: string): Promise<World> {
  const world = await createWorld({ config, files, script: script as never })
  mkdirSync(join(world.root, 'home'), { recursive: true })
  writeFileSync(join(world.root, 'home/.gitconfig'), settings)
  return world
}

function outside(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cox-outside-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

const config =
  "sandbox: required\nprotected: ['!**']\ngates: [{ name: tree, command: [git, show, 'HEAD:b.txt'] , base: ignored }]\n"

test('a filter and a merge driver that the agent rewrites touch nothing outside, and the honest ones work', async () => {
  const folder = outside()
  const mark = join(folder, 'mark')
  const evil = (then: string): string => `touch '${mark}'; touch ./.git/mark ../mark 2>/dev/null; ${then}\n`
  const turn = [
    { do: 'write', path: 'tools/clean.sh', content: evil('tr a-z A-Z') },
    { do: 'write', path: 'tools/smudge.sh', content: evil('tr A-Z a-z') },
    { do: 'write', path: 'tools/merge.sh', content: evil('cat "$3" >>"$2"') },
    { do: 'write', path: 'a.txt', content: 'one\ntwo\n' },
    { do: 'write', path: 'b.txt', content: 'it is small\n' },
  ]
  await using world = await open({ evil: [turn], more: [[{ do: 'write', path: 'c.txt', content: 'more\n' }]] }, config)
  const run = await world.ask('run', '[scenario:evil] do it', '--land')
  expect([run.outcome, existsSync(mark)]).toEqual(['landed', false])
  expect(world.git('cat-file', 'blob', 'main:b.txt')).toBe('IT IS SMALL')
  // Another run begins on what landed, and the person's checkout follows it.
  expect([(await world.ask('run', '[scenario:more] do it', '--land')).outcome, existsSync(mark)]).toEqual(['landed', false])
  expect(world.git('cat-file', 'blob', 'main:c.txt')).toBe('MORE')
  expect(execFileSync('cat', ['b.txt'], { cwd: world.repo, encoding: 'utf8' })).toBe('it is small\n')
  // The control: git as the person starts it runs what landed.
  writeFileSync(join(world.repo, 'a.txt'), 'changed\n')
  world.git('add', 'a.txt')
  expect(existsSync(mark)).toBe(true)
})

test('a filter that its sandbox is in the way of stops the run with the reason', async () => {
  const folder = outside()
  writeFileSync(join(folder, 'words'), 'x\n')
  await using world = await open({ plain: [[{ do: 'write', path: 'b.txt', content: 'b\n' }]] }, config)
  writeFileSync(join(world.root, 'home/.gitconfig'), settings.replace('sh tools/clean.sh %f', `cat '${folder}/words' -`))
  const run = await world.ask('run', '[scenario:plain] do it', '--land')
  expect(run.outcome).not.toBe('landed')
  expect(run.reason).toContain('A filter of your git settings failed in its sandbox')
})
