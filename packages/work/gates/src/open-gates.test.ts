import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { addWorktree, openGit, openRepository } from '@coxswain/host'
import { describe, expect, test } from 'vitest'
import { createSampleWorld, shellGate, type SampleOptions, type SampleWorld } from './testing/sample-world.ts'

/* What a gate sees: the judged tree with what set-up makes from it, and nothing that an agent or an earlier gate left. */

/** Installs a program that the gate trusts, and says from which lock. */
const install =
  'mkdir -p node_modules/.bin && cat lock >node_modules/version && cp tool node_modules/.bin/tool && chmod +x node_modules/.bin/tool'
const files = {
  '.gitignore': 'node_modules\ndist\n',
  lock: '1\n',
  tool: '#!/bin/sh\ntest ! -e broken\n',
  'src.txt': 'source\n',
}

type Form = NonNullable<SampleOptions['form']>

async function createWorld(form: Form, options: SampleOptions = {}): Promise<SampleWorld & { readonly base: string }> {
  const world = await createSampleWorld({ setup: ['sh', '-c', install], form, ...options })
  await world.write(files)
  return { ...world, base: world.commit() }
}

const list = shellGate(
  'list',
  'find . -path ./.git -prune -o -type f -print | LC_ALL=C sort; git status --porcelain; git log -1 --format=%H; exit 1',
)

describe.each<Form>(['overlay', 'plain'])('%s:', (form) => {
  test('a gate sees the tree, what set-up made from it, and the judged commit as HEAD', async () => {
    await using world = await createWorld(form)
    const [result] = await world.judge(world.open(), { commit: world.base, gates: [list] })
    expect(result?.excerpt.split('\n')).toEqual([
      './.gitignore',
      './lock',
      './node_modules/.bin/tool',
      './node_modules/version',
      './src.txt',
      './tool',
      world.base,
    ])
    expect(world.notices).toEqual(
      form === 'overlay'
        ? []
        : ['gates run in a working tree of their own that is put right before each: there are no overlays here'],
    )
  })

  test('GATE-17 what older versions of pnpm read, and npm warns of, is said only where pnpm is used', async () => {
    const count = 'env | grep -ic ^npm_config_store'
    await using world = await createSampleWorld({
      setup: ['sh', '-c', `${count} >seen; true`],
      keys: ['pnpm-lock.yaml'],
      form,
    })
    const look = shellGate('look', `echo "set-up $(cat seen), gate $(${count})"; exit 1`)
    const seen: (string | undefined)[] = []
    for (const lock of ['package-lock.json', 'pnpm-lock.yaml']) {
      await world.write({ '.gitignore': 'seen\n', [lock]: 'x\n' })
      const [result] = await world.judge(world.open(), { commit: world.commit(), gates: [look] })
      seen.push(result?.excerpt)
    }
    expect(seen).toEqual(['set-up 0, gate 0', 'set-up 1, gate 1'])
  })

  test('GATE-15 a program that no worktree has is named with what git ignores around it, and nothing else is', async () => {
    await using world = await createSampleWorld({ form })
    await world.write({ '.gitignore': '.venv\nother\n' })
    const commit = world.commit()
    await world.write({ '.venv/bin/tool': '#!/bin/sh\n', other: 'x\n' })
    const judged: unknown[] = []
    for (const program of ['./.venv/bin/tool', 'no-such-program']) {
      const [result] = await world.judge(world.open(), { commit, gates: [{ ...shellGate('run', ''), command: [program] }] })
      judged.push([result?.verdict, result?.cause])
    }
    expect(judged).toEqual([
      ['not-startable', expect.stringMatching(/^Gates run in a fresh worktree, which has no \.venv\/: git ignores such files/)],
      ['not-startable', undefined],
    ])
  })

  test('GATE-16 the credentials of a set-up reach it alone, and not where a change alters what it reads', async () => {
    await using world = await createWorld(form, {
      setup: ['sh', '-c', 'mkdir node_modules && echo "${REGISTRY_TOKEN-none}" >node_modules/seen'],
      credentials: { REGISTRY_TOKEN: 'a-secret' },
    })
    const look = shellGate('look', 'cat node_modules/seen; echo "gate: ${REGISTRY_TOKEN-none}"; exit 1')
    const excerptOf = async (commit: string): Promise<string | undefined> =>
      (await world.judge(world.open(), { commit, base: world.base, gates: [look] }))[0]?.excerpt
    expect(await excerptOf(world.base)).toBe('a-secret\ngate: none')
    await world.write({ lock: 'evil\n' })
    expect(await excerptOf(world.commit())).toBe('none\ngate: none')
    expect(world.notices.filter((text) => text.startsWith('set-up'))).toEqual([
      'set-up was given REGISTRY_TOKEN',
      'set-up ran without its credentials (REGISTRY_TOKEN): the change alters what set-up reads, and its code could take them',
    ])
  })

  test('nothing that a gate leaves is there for the next one: new files, changed ones, removed ones, in the tree and beside it', async () => {
    await using world = await createWorld(form)
    const spoil = `mkdir -p dist node_modules/extra && touch dist/flag node_modules/extra/a untracked "$XDG_CACHE_HOME/left"
    echo poison >node_modules/.bin/tool; rm node_modules/version; echo more >>src.txt; rm lock; ln -s /etc dist/link; mkfifo dist/fifo`
    const gates = world.open()
    const look = shellGate('look', `ls "$XDG_CACHE_HOME"; ${list.command[2] ?? ''}`)
    const [, before] = await world.judge(gates, { commit: world.base, gates: [shellGate('first', ':'), look] })
    const [spoiled, after] = await world.judge(gates, { commit: world.base, gates: [shellGate('spoil', spoil), look] })
    expect(spoiled?.verdict).toBe('passed')
    expect(after?.excerpt).toBe(before?.excerpt)
    const [, again] = await world.judge(world.open(), { commit: world.base, gates: [shellGate('spoil-again', spoil), look] })
    expect(again?.excerpt).toBe(before?.excerpt)
  })

  test('GATE-12 a gate that ended before that was written down is not run again, although its stage is gone', async () => {
    await using world = await createWorld(form)
    const once = { ...world.request(world.base), gates: [shellGate('once', 'cat /proc/sys/kernel/random/uuid; exit 1')] }
    const [first, second] = [await world.open().judge(once), await world.open().judge(once)]
    expect(first).toMatchObject({ kind: 'judged', results: [{ excerpt: expect.stringMatching(/^[0-9a-f-]{36}$/) }] })
    const excerpts = [first, second].map((judged) => (judged.kind === 'judged' ? judged.results[0]?.excerpt : judged.why))
    expect(excerpts[1]).toBe(excerpts[0])
  })

  test('an artefact that one gate leaves is not there for the next, unless `cache` names it', async () => {
    const chain = [shellGate('build', 'mkdir -p dist && echo built >dist/out'), shellGate('test', 'cat dist/out')]
    await using world = await createWorld(form)
    expect((await world.judge(world.open(), { commit: world.base, gates: chain })).map(({ verdict }) => verdict)).toEqual([
      'passed',
      'failed',
    ])
    await using keeping = await createWorld(form, { cache: ['dist'] })
    expect((await keeping.judge(keeping.open(), { commit: keeping.base, gates: chain })).map(({ verdict }) => verdict)).toEqual([
      'passed',
      'passed',
    ])
  })

  test('a cache goes on to later trees only from a tree that landed', async () => {
    await using world = await createWorld(form, { cache: ['dist'] })
    const gates = world.open()
    const look = shellGate('look', 'cat dist/out; exit 1')
    await world.judge(gates, { commit: world.base, gates: [shellGate('build', 'mkdir -p dist && echo base >dist/out')] })
    await world.write({ 'src.txt': 'poison\n' })
    const change = world.commit()
    await world.judge(gates, {
      commit: change,
      base: world.base,
      gates: [shellGate('build', 'mkdir -p dist && echo poison >dist/out')],
    })
    await world.write({ 'src.txt': 'honest\n' })
    const honest = world.commit()
    const seen = async (commit: string): Promise<string | undefined> =>
      (await world.judge(gates, { commit, base: world.base, gates: [look] }))[0]?.excerpt.split('\n')[0]
    expect(await seen(honest)).toMatch(/No such file/)
    await gates.landed(world.git('rev-parse', `${world.base}^{tree}`))
    await world.write({ 'src.txt': 'later\n' })
    expect(await seen(world.commit())).toBe('base')
  })

  test('a tree with another lock is set up from itself, for itself alone, and leaves nothing to others', async () => {
    await using world = await createWorld(form)
    const gates = world.open()
    const version = shellGate('version', 'cat node_modules/version; sh node_modules/.bin/tool; exit 1')
    const seen = async (commit: string, base: string): Promise<string | undefined> =>
      (await world.judge(gates, { commit, base, gates: [version] }))[0]?.excerpt
    await world.write({ lock: '2\n', tool: 'echo poison\n' })
    const poisoned = world.commit()
    await world.write({ tool: files.tool })
    const honest = world.commit()
    expect([await seen(poisoned, world.base), await seen(honest, world.base), await seen(world.base, world.base)]).toEqual([
      '2\npoison',
      '2',
      '1',
    ])
    // What landed is set up for all that grow from it.
    expect(await seen(honest, honest)).toBe('2')
  })

  test('a key may be a folder, or the whole tree', async () => {
    await using world = await createWorld(form, { setup: ['sh', '-c', 'mkdir -p dist && cat src/* >dist/out'], keys: ['src'] })
    await world.write({ 'src/a': 'a\n' })
    const before = world.commit()
    await world.write({ 'src/b': 'b\n' })
    const after = world.commit()
    const gates = world.open()
    const seen = async (commit: string): Promise<string | undefined> =>
      (await world.judge(gates, { commit, base: before, gates: [shellGate('seen', 'cat dist/out; exit 1')] }))[0]?.excerpt
    expect([await seen(before), await seen(after), await seen(before)]).toEqual(['a', 'a\nb', 'a'])
  })

  test('what set-up writes into tracked files is told, and the judged tree wins', async () => {
    await using world = await createWorld(form, { setup: ['sh', '-c', 'echo rewritten >lock; echo report >report.txt'] })
    const [result] = await world.judge(world.open(), {
      commit: world.base,
      gates: [shellGate('look', 'cat lock report.txt; exit 1')],
    })
    expect(result?.excerpt).toBe('1\nreport')
    expect(world.notices.filter((text) => text.startsWith('set-up'))).toEqual([
      'set-up changes tracked files (lock): gates see them as the commit has them',
      "set-up makes files that git does not ignore (report.txt): in an agent's worktree they become part of its work",
    ])
  })

  test('a set-up that fails says so, and is tried again', async () => {
    await using world = await createWorld(form, { setup: ['sh', '-c', 'echo no such registry; exit 3'] })
    const gates = world.open()
    const judge = () => gates.judge({ ...world.request(world.base), gates: [list] })
    const failed = { kind: 'set-up-failed', why: '`sh -c echo no such registry; exit 3`: exit code 3.\nno such registry' }
    expect([await judge(), await judge()]).toEqual([failed, failed])
  })

  test('files that set-up links to others stand alone afterwards', async () => {
    await using world = await createWorld(form, {
      setup: ['sh', '-c', 'mkdir -p node_modules && ln tool node_modules/linked && ln node_modules/linked node_modules/twice'],
    })
    const count = "stat -c '%h %n' tool node_modules/*; echo poison >node_modules/linked; cat tool; exit 1"
    const [result] = await world.judge(world.open(), { commit: world.base, gates: [shellGate('count', count)] })
    expect(result?.excerpt).toBe(`1 tool\n1 node_modules/linked\n1 node_modules/twice\n${files.tool.trim()}`)
  })

  test('what stands ready is used again after the repository was moved', async () => {
    await using world = await createWorld(form, { setup: ['sh', '-c', `${install}; date +%s%N >node_modules/at`] })
    const at = shellGate('at', 'git rev-parse HEAD; cat node_modules/at; exit 1')
    const [before] = await world.judge(world.open(), { commit: world.base, gates: [at] })
    const request = { ...world.request(world.base), gates: [at] }
    const moved = join(world.root, 'moved')
    await rename(world.repository.root, moved)
    const gates = world.open(await openRepository(moved))
    expect(await gates.judge(request)).toMatchObject({ kind: 'judged', results: [{ excerpt: before?.excerpt }] })
  })

  test('a set-up that died in the middle counts for nothing', async () => {
    await using world = await createWorld(form)
    const gates = world.open()
    const shown = (): Promise<readonly { excerpt: string }[]> => world.judge(gates, { commit: world.base, gates: [list] })
    const [before] = await shown()
    const [id = ''] = (await import('node:fs')).readdirSync(join(world.state, 'pristine'))
    const folder = join(world.state, 'pristine', id)
    await rm(join(folder, 'ready.json'))
    await writeFile(join(folder, 'tree/node_modules/.bin/tool'), 'half')
    await writeFile(join(folder, 'tree/half-written'), '')
    expect((await world.judge(world.open(), { commit: world.base, gates: [list] }))[0]?.excerpt).toBe(before?.excerpt)
  })

  test('an agent’s worktree holds what set-up makes at a run’s start, whatever the run before left', async () => {
    await using world = await createWorld(form)
    const gates = world.open()
    const path = join(world.root, 'w1')
    await addWorktree(world.repository.git, path, world.base)
    const git = openGit(path)
    const ready = async (): Promise<string | null> =>
      gates.readyWorktree({ ...world.request(world.base), git, record: join(world.root, 'w1.setup') })
    const seen = async (): Promise<string> =>
      `${await readFile(join(path, 'node_modules/.bin/tool'), 'utf8')}${existsSync(join(path, 'dist'))}`
    expect(await ready()).toBeNull()
    const first = await seen()
    await mkdir(join(path, 'dist'))
    await writeFile(join(path, 'node_modules/.bin/tool'), '#!/bin/sh\n')
    await rm(join(path, 'node_modules/version'))
    expect(await ready()).toBeNull()
    expect([first, await seen(), existsSync(join(path, 'node_modules/version'))]).toEqual([
      `${files.tool}false`,
      `${files.tool}false`,
      true,
    ])
    // Gates never look at it.
    await writeFile(join(path, 'node_modules/.bin/tool'), 'poison')
    await world.write({ broken: '' })
    const change = world.commit()
    const [result] = await world.judge(gates, {
      commit: change,
      base: world.base,
      gates: [shellGate('tool', 'sh node_modules/.bin/tool')],
    })
    expect(result?.verdict).toBe('failed')
  })
})
