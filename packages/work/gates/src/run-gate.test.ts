import { findByMarker, identify, markerName, readEnvironment } from '@coxswain/host'
import { sleep } from '@coxswain/kernel'
import type { Gate, GateResult } from '@coxswain/model'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { judgeTree, type Judging } from './judge-tree.ts'
import type { Ground, Stage } from './stage.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cox-gates-'))
  await mkdir(join(root, 'tree'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

const never = new AbortController().signal
const gate = (script: string, changes: { readonly name?: string; readonly timeoutMs?: number } = {}): Gate => ({
  name: 'test',
  command: ['sh', '-c', script],
  timeoutMs: 20_000,
  network: 'none',
  ...changes,
})

/** One folder for all gates: what they run in is not what is tested here. */
function openGround(): Ground {
  const stage: Stage = {
    cwd: join(root, 'tree'),
    env: readEnvironment(),
    locate: (path) => join(root, 'tree', path),
    contain: async (command) => command,
    drop: async () => {},
  }
  return { ready: async () => stage, standing: () => stage, release: async () => {} }
}

async function run(gates: readonly Gate[], changes: Partial<Judging> = {}): Promise<readonly GateResult[]> {
  const judgement = await judgeTree({
    gates,
    setup: null,
    tree: 'a'.repeat(40),
    dir: join(root, 'gates'),
    cache: { get: async () => null, put: async () => {} },
    openGround: async () => openGround(),
    interrupt: never,
    shutdown: never,
    ...changes,
  })
  return judgement.kind === 'judged' ? judgement.results : []
}

const brief = ({ gate: name, verdict, exitCode, excerpt }: GateResult): unknown => ({ name, verdict, exitCode, excerpt })

test('a gate is judged by its exit code alone, whatever it prints', async () => {
  const [passed] = await run([gate('echo ERROR: all is lost >&2')])
  expect(passed).toEqual({
    gate: 'test',
    verdict: 'passed',
    exitCode: 0,
    wallMs: expect.any(Number),
    treeMs: { ready: expect.any(Number), drop: expect.any(Number) },
    excerpt: '',
    logFile: join(root, 'gates/test/out'),
    tree: 'a'.repeat(40),
  })
  expect(await readFile(join(root, 'gates/test/out'), 'utf8')).toBe('ERROR: all is lost\n')
})

test('a failure is told with both streams in their order, and later gates do not run', async () => {
  const results = await run([
    gate('true', { name: 'first' }),
    gate('echo one; echo two >&2; echo three; exit 3'),
    gate('true', { name: 'last' }),
  ])
  expect(results.map(brief)).toEqual([
    { name: 'first', verdict: 'passed', exitCode: 0, excerpt: '' },
    { name: 'test', verdict: 'failed', exitCode: 3, excerpt: 'one\ntwo\nthree' },
  ])
})

test('exit codes above 128 are deaths by signal only where there is such a signal', async () => {
  const verdicts = await Promise.all(
    ['exit 128', 'exit 255', 'exit 200', 'kill -9 $$', 'kill -11 $$'].map(async (script, index) => {
      const [result] = await run([gate(script)], { dir: join(root, `gates-${index}`) })
      return `${script}: ${result?.verdict} ${result?.exitCode}`
    }),
  )
  expect(verdicts).toEqual([
    'exit 128: failed 128',
    'exit 255: failed 255',
    'exit 200: failed 200',
    'kill -9 $$: killed null',
    'kill -11 $$: killed null',
  ])
})

test('a gate that was killed from outside is run again before that is its verdict', async () => {
  const killedAt = (tries: number): string => `echo x >>tries; [ "$(wc -l <tries)" -gt ${tries} ] || kill -9 $$`
  const once = await run([gate(killedAt(1))], { dir: join(root, 'once') })
  expect(once.map(brief)).toEqual([{ name: 'test', verdict: 'passed', exitCode: 0, excerpt: '' }])
  expect(await readFile(join(root, 'tree/tries'), 'utf8')).toBe('x\nx\n')
})

test('a program that is not there is not startable', async () => {
  await writeFile(join(root, 'tree/not-executable'), '#!/bin/sh\n')
  const results = await Promise.all(
    ['no-such-program', './no-such-script', './not-executable', '.'].map((program, index) =>
      run([{ name: 'test', command: [program], timeoutMs: 1_000, network: 'none' }], { dir: join(root, `gates-${index}`) }),
    ),
  )
  expect(results.flat().map(brief)).toEqual(
    ['no-such-program', './no-such-script', './not-executable', '.'].map((program) => ({
      name: 'test',
      verdict: 'not-startable',
      exitCode: null,
      excerpt: `"${program}" was not found or is not executable.`,
    })),
  )
})

test('a hanging gate is killed at its limit with all it started, also what left its group', async () => {
  const script = 'echo started; setsid sleep 600 & trap "" TERM; sleep 600 & wait; wait'
  const [result] = await run([gate(script, { timeoutMs: 1_500 })])
  expect(brief(result as GateResult)).toEqual({
    name: 'test',
    verdict: 'timed-out',
    exitCode: null,
    excerpt: 'It ran longer than its limit of 1.5 s and was killed.\nstarted',
  })
  expect(leftOf('test')).toEqual([])
})

test('a gate that passed leaves no process behind either', async () => {
  const [result] = await run([gate('setsid sleep 600 & sleep 600 & exit 0')])
  expect(result?.verdict).toBe('passed')
  expect(leftOf('test')).toEqual([])
})

test('100 MB of output are cut, on disk too, and what matters is told', async () => {
  const [ended, endless] = await Promise.all([
    run([gate('head -c 100000000 /dev/zero | tr "\\0" x; echo; echo "Error: the end"; exit 1', { name: 'ended' })]),
    run([gate('yes again and again', { name: 'endless' })], { dir: join(root, 'other') }),
  ])
  expect(endless.map(brief)).toEqual([
    {
      name: 'endless',
      verdict: 'killed',
      exitCode: null,
      excerpt: "It printed more than 64 MB, the limit of a gate's output, and was killed.\nagain and again",
    },
  ])
  expect(ended[0]?.verdict).toBe('killed')
  expect(ended[0]?.excerpt.length).toBeLessThan(4_100)
  for (const file of ['gates/ended/out', 'other/endless/out'])
    expect((await stat(join(root, file))).size).toBeLessThanOrEqual(64 * 1024 * 1024)
})

test('an interruption ends the gate with its whole tree', async () => {
  const interrupt = new AbortController()
  const running = run([gate('sleep 600 & echo $! >child; sleep 600')], { interrupt: interrupt.signal })
  const child = await pidIn('child')
  interrupt.abort(new Error('paused'))
  await expect(running).rejects.toThrow('paused')
  expect([identify(child), leftOf('test')]).toEqual([null, []])
})

test('a shutdown leaves the gate running, and the next life joins it', async () => {
  const shutdown = new AbortController()
  const script = 'echo $$ >>starts; while [ ! -e go ]; do sleep 0.02; done; exit 7'
  const running = run([gate(script)], { shutdown: shutdown.signal })
  await pidIn('starts')
  shutdown.abort(new Error('shutting down'))
  await expect(running).rejects.toThrow('shutting down')
  await writeFile(join(root, 'tree/go'), '')
  const [joined] = await run([gate(script)])
  expect(joined).not.toHaveProperty('treeMs')
  expect(brief(joined as GateResult)).toEqual({ name: 'test', verdict: 'failed', exitCode: 7, excerpt: '' })
  expect((await readFile(join(root, 'tree/starts'), 'utf8')).trim().split('\n')).toHaveLength(1)
})

test('one that was let go of while the database kept silent leaves the folder to who has it now', async () => {
  await mkdir(join(root, 'gates/test'), { recursive: true })
  await writeFile(join(root, 'gates/test/key'), 'of the next holder')
  const shutdown = new AbortController()
  const late = {
    get: async () => {
      shutdown.abort(new Error('let go'))
      return null
    },
    put: async () => {},
  }
  await expect(run([gate('true')], { shutdown: shutdown.signal, cache: late })).rejects.toThrow('let go')
  expect(await readFile(join(root, 'gates/test/key'), 'utf8')).toBe('of the next holder')
})

test('only what passed is remembered, by tree and definition', async () => {
  const known = new Map<string, GateResult>()
  const cache: Judging['cache'] = {
    get: async (definition, tree) => known.get(`${definition} ${tree}`) ?? null,
    put: async (definition, tree, result) => void known.set(`${definition} ${tree}`, result),
  }
  const counted = gate('echo x >>count; test ! -e broken')
  await run([counted], { cache })
  await run([counted], { cache })
  await run([counted], { cache, tree: 'b'.repeat(40), dir: join(root, 'second') })
  await writeFile(join(root, 'tree/broken'), '')
  const failing = { cache, tree: 'c'.repeat(40) }
  await run([counted], { ...failing, dir: join(root, 'third') })
  await run([counted], { ...failing, dir: join(root, 'fourth') })
  expect(await readFile(join(root, 'tree/count'), 'utf8')).toBe('x\n'.repeat(4))
  expect(known.size).toBe(2)
})

test('arguments reach the program as they are', async () => {
  const command = ['printf', '%s\\n', '$HOME', '`id`', 'a b', '; exit 0', '*', '-n']
  await run([{ name: 'test', command, timeoutMs: 20_000, network: 'none' }])
  expect(await readFile(join(root, 'gates/test/out'), 'utf8')).toBe('$HOME\n`id`\na b\n; exit 0\n*\n-n\n')
})

function leftOf(name: string): number[] {
  return findByMarker(
    markerName,
    createHash('sha256')
      .update(join(root, 'gates', name))
      .digest('hex')
      .slice(0, 24),
  )
}

async function pidIn(file: string): Promise<number> {
  const path = join(root, 'tree', file)
  while (!existsSync(path) || (await readFile(path, 'utf8')).trim() === '') await sleep(10)
  return Number((await readFile(path, 'utf8')).trim())
}
