import type { GateResult } from '@coxswain/model'
import { execFileSync } from 'node:child_process'
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openPlace, type Place } from './testing/open-place.ts'

let place: Place
beforeEach(async () => {
  place = await openPlace()
})
afterEach(() => place[Symbol.asyncDispose]())

const git = (...args: string[]): string => place.git(...args)
const read = (path: string): Promise<string> => place.read(path)
const write = (path: string, content: string): Promise<void> => place.write(path, content)
const commit = (message: string): string => place.commit(message)
const work: Place['work'] = (files, run) => place.work(files, run)
const land: Place['land'] = (...args) => place.land(...args)
const status = (): string => place.status()

const red: GateResult = { gate: 'test', verdict: 'failed', exitCode: 1, wallMs: 1, excerpt: 'boom', logFile: '', tree: '' }
const subjects = (): string[] => git('log', '--format=%s', 'main').split('\n')

test('clean: one squashed commit on the tip, in the configured name, and the checkout follows', async () => {
  const landing = await land(await work({ 'a.txt': 'ONE\ntwo\nthree\nfour\nfive\n', 'new/c.txt': 'c\n' }))
  const tip = git('rev-parse', 'main')
  expect(landing).toEqual({ kind: 'landed', commit: tip, results: [] })
  expect(git('log', '-1', '--format=%P|%an|%ce|%ct|%s|%(trailers:key=Coxswain-Run,valueonly)')).toBe(
    `${place.base}|Ann|ann@example.com|1800000000|Work of r1|r1`,
  )
  expect([await read('new/c.txt'), status()]).toEqual(['c\n', ''])
})

test('what landed meanwhile is merged, and the gates see the merged tree', async () => {
  const change = await work({ 'a.txt': 'ONE\ntwo\nthree\nfour\nfive\n' })
  await write('a.txt', 'one\ntwo\nthree\nfour\nFIVE\n')
  commit('meanwhile')
  const judged: string[] = []
  const landing = await land(change, { check: async (tree, at) => (judged.push(tree, git('rev-parse', `${at}^{tree}`)), []) })
  const tree = git('rev-parse', 'main^{tree}')
  expect([landing.kind, judged, await read('a.txt')]).toEqual(['landed', [tree, tree], 'ONE\ntwo\nthree\nfour\nFIVE\n'])
})

test('a conflict moves nothing and returns both sides, with the merge in a tree', async () => {
  const change = await work({ 'a.txt': 'mine\n', 'c.txt': 'c\n' })
  await write('a.txt', 'theirs\n')
  const main = commit('meanwhile')
  const landing = await land(change)
  if (landing.kind !== 'conflict') throw new Error(landing.kind)
  const { ourDiff, theirDiff, tree, ...rest } = landing
  expect(rest).toEqual({ kind: 'conflict', main, paths: ['a.txt'] })
  expect([ourDiff.split('\n').at(-1), theirDiff.split('\n').at(-1)]).toEqual(['+mine', '+theirs'])
  expect(git('show', `${tree}:a.txt`)).toMatch(/^<<<<<<< [^]*theirs[^]*=======\nmine\n>>>>>>> /)
  expect(git('show', `${tree}:c.txt`)).toBe('c')
  expect([git('rev-parse', 'main'), status()]).toEqual([main, ''])
})

test('deleted here, changed there is a conflict too', async () => {
  const change = await work({ 'a.txt': 'mine\n' })
  git('rm', '--quiet', 'a.txt')
  commit('gone')
  expect(await land(change)).toMatchObject({ kind: 'conflict', paths: ['a.txt'] })
})

test('a change that the branch holds already lands nothing', async () => {
  const [one, two] = [await work({ 'c.txt': 'c\n' }), await work({ 'c.txt': 'c\n' }, 'r2')]
  await land(one)
  expect(await land(two)).toEqual({ kind: 'nothing-left' })
  expect(subjects()).toEqual(['Work of r1', 'first'])
})

test('a red merged tree moves nothing', async () => {
  const change = await work({ 'c.txt': 'c\n' })
  const landing = await land(change, { check: async () => [{ ...red, verdict: 'passed' }, red] })
  expect(landing).toEqual({ kind: 'red', main: place.base, tree: expect.stringMatching(/^[0-9a-f]{40}$/), result: red })
  expect(git('rev-parse', 'main')).toBe(place.base)
})

test('a branch that moves under the landing is taken as it then is', async () => {
  const change = await work({ 'c.txt': 'c\n' })
  let rounds = 0
  const check = async (): Promise<GateResult[]> => {
    rounds += 1
    if (rounds <= 2) commit(`moved ${rounds}`)
    return []
  }
  expect((await land(change, { check })).kind).toBe('landed')
  expect(subjects()).toEqual(['Work of r1', 'moved 2', 'moved 1', 'first'])
})

test('a branch that never rests gives up with the next step', async () => {
  const change = await work({ 'c.txt': 'c\n' })
  const check = async (): Promise<GateResult[]> => (commit('moved'), [])
  expect(await land(change, { check })).toEqual({
    kind: 'failed',
    outcome: 'harness-error',
    reason: 'The branch "main" moved 10 times during this landing. Approve again when it is quieter.',
  })
  expect(subjects()).not.toContain('Work of r1')
})

test('a branch that is gone is told', async () => {
  expect(await land(await work({ 'c.txt': 'c\n' }), { branch: 'gone' })).toMatchObject({
    kind: 'failed',
    reason: 'The branch "gone" is gone. Restore it, then approve again.',
  })
})

test("a person's changes elsewhere stay as they are", async () => {
  const change = await work({ 'a.txt': 'mine\n' })
  await write('b.txt', 'edited\n')
  await write('notes.txt', 'untracked\n')
  await write('staged.txt', 'staged\n')
  git('add', 'staged.txt')
  expect((await land(change)).kind).toBe('landed')
  expect([await read('a.txt'), await read('b.txt'), status()]).toEqual([
    'mine\n',
    'edited\n',
    'M b.txt\nA  staged.txt\n?? notes.txt',
  ])
})

test('a file becomes a folder, and a folder a file', async () => {
  await write('dir/x.txt', 'x\n')
  place.base = commit('a folder')
  const change = await work({ 'c.txt': 'c\n' })
  const turned = join(place.root, 'turned')
  git('worktree', 'add', '--quiet', '--detach', turned, change.base)
  await rm(join(turned, 'a.txt'))
  await rm(join(turned, 'dir'), { recursive: true })
  await mkdir(join(turned, 'a.txt'))
  await writeFile(join(turned, 'a.txt/inside'), 'inside\n')
  await writeFile(join(turned, 'dir'), 'a file\n')
  const inPlace = (...args: string[]): string => execFileSync('git', args, { cwd: turned, encoding: 'utf8' }).trim()
  inPlace('add', '--all')
  inPlace('commit', '--quiet', '-m', 'turned')
  expect((await land({ ...change, head: inPlace('rev-parse', 'HEAD') })).kind).toBe('landed')
  expect([await read('a.txt/inside'), await read('dir'), status()]).toEqual(['inside\n', 'a file\n', ''])
})

const inTheWay: readonly [title: string, prepare: () => Promise<void>, paths: readonly string[]][] = [
  ['edited', () => write('a.txt', 'edited\n'), ['a.txt']],
  ['edited, with others that are not', async () => (await write('a.txt', 'edited\n'), write('b.txt', 'edited\n')), ['a.txt']],
  ['staged', async () => (await write('a.txt', 'edited\n'), void git('add', 'a.txt')), ['a.txt']],
  ['deleted', () => rm(join(place.repo, 'a.txt')), ['a.txt']],
  ['moved away', async () => void git('mv', 'a.txt', 'z.txt'), ['a.txt']],
  ['untracked', () => write('new/c.txt', 'mine\n'), ['new/c.txt']],
  ['ignored', async () => (await write('.git/info/exclude', 'new\n'), write('new/c.txt', 'mine\n')), ['new/c.txt']],
  ['a file where a folder comes', () => write('new', 'mine\n'), ['new/c.txt']],
  ['a link where a folder comes', () => symlink(place.root, join(place.repo, 'new')), ['new/c.txt']],
]
test.each(inTheWay)(
  'a file of the change that is %s in the checkout stops the landing, and nothing moves',
  async (_, prepare, paths) => {
    const change = await work({ 'a.txt': 'mine\n', 'new/c.txt': 'c\n' })
    await prepare()
    const before = status()
    expect(await land(change)).toEqual({ kind: 'main-dirty', paths })
    expect([git('rev-parse', 'main'), status()]).toEqual([place.base, before])
  },
)

// Each stops at a conflict.
const begun: readonly [what: string, ...args: string[]][] = [
  ['a merge', 'merge', 'side'],
  ['a cherry-pick', 'cherry-pick', 'side'],
  ['a revert', 'revert', 'main~1'],
  ['a rebase', 'rebase', 'side'],
]
test.each(begun)('%s that the person has begun stops the landing, and at its end it lands', async (what, ...args) => {
  const change = await work({ 'c.txt': 'c\n' })
  for (const [branch, content] of [
    ['side', 'theirs'],
    ['main', 'ours'],
    ['main', 'ours again'],
  ] as const) {
    git('checkout', '--quiet', '-B', branch, branch === 'side' ? place.base : 'main')
    await write('b.txt', `${content}\n`)
    commit(content)
  }
  expect(() => git(...args)).toThrow('Command failed')
  const [tip, before] = [git('rev-parse', 'refs/heads/main'), status()]
  expect(await land(change)).toEqual({ kind: 'main-dirty', paths: [], underWay: { what, place: place.repo } })
  expect([git('rev-parse', 'refs/heads/main'), status()]).toEqual([tip, before])
  git(args[0] ?? '', '--abort')
  expect((await land(change)).kind).toBe('landed')
})

test('a bare repository has no checkout to follow', async () => {
  const change = await work({ 'c.txt': 'c\n' })
  const bare = join(place.root, 'bare.git')
  git('update-ref', 'refs/heads/work', change.head)
  git('clone', '--quiet', '--bare', place.repo, bare)
  expect((await land(change, {}, bare)).kind).toBe('landed')
  expect(execFileSync('git', ['show', 'main:c.txt'], { cwd: bare, encoding: 'utf8' })).toBe('c\n')
})

test('a person who looks at another branch sees nothing of it', async () => {
  const change = await work({ 'a.txt': 'mine\n' })
  git('checkout', '--quiet', '-b', 'feature')
  await write('a.txt', 'edited\n')
  expect((await land(change)).kind).toBe('landed')
  expect([git('show', 'main:a.txt'), await read('a.txt'), status()]).toEqual(['mine', 'edited\n', 'M a.txt'])
})

test('a checkout of the branch in a worktree of the person follows too, or stops the landing', async () => {
  git('checkout', '--quiet', '-b', 'feature')
  const elsewhere = join(place.root, 'elsewhere')
  git('worktree', 'add', '--quiet', elsewhere, 'main')
  expect((await land(await work({ 'a.txt': 'mine\n' }))).kind).toBe('landed')
  expect(await readFile(join(elsewhere, 'a.txt'), 'utf8')).toBe('mine\n')
  place.base = git('rev-parse', 'main')
  await writeFile(join(elsewhere, 'a.txt'), 'edited\n')
  expect(await land(await work({ 'a.txt': 'again\n' }, 'r2'))).toEqual({ kind: 'main-dirty', paths: ['a.txt'] })
  expect(git('rev-parse', 'main')).toBe(place.base)
})

test('repeated after it landed, it finds its landing, also below others', async () => {
  const change = await work({ 'c.txt': 'c\n' })
  const first = await land(change)
  const other = await work({ 'd.txt': 'd\n' }, 'r2')
  await land(other)
  expect(await land(change)).toEqual(first)
  expect(subjects()).toEqual(['Work of r2', 'Work of r1', 'first'])
})

test('LAND-4 a commit that bears the number of this run and other work is not its landing', async () => {
  const change = await work({ 'c.txt': 'c\n' })
  await write('other.txt', 'of another clone, which counts runs too\n')
  commit('Other work\n\nCoxswain-Run: r1')
  const landing = await land(change)
  expect([landing.kind, await read('c.txt'), subjects()]).toEqual(['landed', 'c\n', ['Work of r1', 'Other work', 'first']])
})

test('repeated after a crash between branch and checkout, the files follow', async () => {
  const change = await work({ 'a.txt': 'mine\n', 'new/c.txt': 'c\n' })
  const landing = await land(change)
  // The checkout as it was before: the crash came first.
  git('read-tree', '-u', '--reset', place.base)
  expect(status()).not.toBe('')
  expect(await land(change)).toEqual(landing)
  expect([status(), await read('a.txt'), subjects().length]).toEqual(['', 'mine\n', 2])
})

test('after such a crash the files follow also when another landed first', async () => {
  const change = await work({ 'a.txt': 'mine\n', 'new/c.txt': 'c\n' })
  await land(change)
  git('read-tree', '-u', '--reset', place.base)
  expect((await land(await work({ 'd.txt': 'd\n' }, 'r2'))).kind).toBe('landed')
  expect(status()).not.toBe('')
  expect((await land(change)).kind).toBe('landed')
  expect([status(), await read('a.txt'), await read('d.txt'), await read('new/c.txt')]).toEqual(['', 'mine\n', 'd\n', 'c\n'])
})

test('after such a crash, what the person changed since is left alone', async () => {
  const change = await work({ 'a.txt': 'mine\n' })
  await land(change)
  git('read-tree', '-u', '--reset', place.base)
  await write('a.txt', 'edited since\n')
  expect((await land(change)).kind).toBe('landed')
  expect(await read('a.txt')).toBe('edited since\n')
})

test('two landings at once: both land, one after the other', async () => {
  const [one, two] = [await work({ 'c.txt': 'c\n' }), await work({ 'd.txt': 'd\n' }, 'r2')]
  expect((await Promise.all([land(one), land(two)])).map(({ kind }) => kind)).toEqual(['landed', 'landed'])
  expect(subjects().toSorted()).toEqual(['Work of r1', 'Work of r2', 'first'])
  expect([await read('c.txt'), await read('d.txt'), status()]).toEqual(['c\n', 'd\n', ''])
})

test('an index that somebody else is just writing is waited for', async () => {
  const lock = join(place.repo, '.git/index.lock')
  const check = async (): Promise<GateResult[]> => {
    await writeFile(lock, '')
    setTimeout(() => void rm(lock), 700)
    return []
  }
  expect((await land(await work({ 'c.txt': 'c\n' }), { check })).kind).toBe('landed')
  expect([await read('c.txt'), status()]).toEqual(['c\n', ''])
})

test('LAND-13 what is not confirmed to be held at the last moment moves nothing', async () => {
  const change = await work({ 'c.txt': 'c\n' })
  const lost = new Error('the lane was lost')
  await expect(land(change, { confirm: () => Promise.reject(lost) })).rejects.toBe(lost)
  expect([git('rev-parse', 'main'), status()]).toEqual([place.base, ''])
  let confirmed = 0
  expect((await land(change, { confirm: async () => void (confirmed += 1) })).kind).toBe('landed')
  expect(confirmed).toBe(1)
})

test('an abort before the branch moves leaves it', async () => {
  const abort = new AbortController()
  const check = async (): Promise<GateResult[]> => (abort.abort(new Error('paused')), [])
  await expect(land(await work({ 'c.txt': 'c\n' }), { signal: abort.signal, check })).rejects.toThrow('paused')
  expect(git('rev-parse', 'main')).toBe(place.base)
})

test('names with spaces, line breaks, leading dashes and more survive', async () => {
  const names = ['-rf', 'a b', 'ü/日本', 'line\nbreak', '"quoted"', ':(glob)*', '--', '*']
  const change = await work(Object.fromEntries(names.map((name) => [`x/${name}`, `${name}\n`])))
  expect((await land(change)).kind).toBe('landed')
  for (const name of names) expect(await read(`x/${name}`)).toBe(`${name}\n`)
})

test('baselines are merged as sets: what left on either side is out, what is new on either is in', async () => {
  const file = 'harness/baseline/max-lines.txt'
  await write('harness/baseline/.gitattributes', '*.txt merge=union\n')
  await write(file, 'a\nb\nc\nd\n')
  place.base = commit('a baseline')
  const mended = await work({ [file]: 'a\nd\nnew\n', 'a.txt': 'mended\n' })
  await write(file, 'b\nd\n')
  commit('mended by hand')
  expect(await land({ ...mended, touchesBaseline: true })).toMatchObject({ kind: 'landed' })
  expect([await read(file), await read('a.txt')]).toEqual(['d\nnew\n', 'mended\n'])
})

test('a baseline that one side emptied is no conflict', async () => {
  const file = 'harness/baseline/max-lines.txt'
  await write(file, 'a\nb\n')
  place.base = commit('a baseline')
  const mended = await work({ [file]: 'b\n', 'a.txt': 'mended\n' })
  git('rm', '--quiet', file)
  commit('emptied')
  expect(await land(mended)).toMatchObject({ kind: 'landed' })
  expect([git('ls-files', 'harness'), await read('a.txt')]).toEqual(['', 'mended\n'])
})
