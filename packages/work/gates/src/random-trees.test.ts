import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { milliseconds, sleep } from '@coxswain/kernel'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSampleWorld, shellGate, type SampleWorld } from './testing/sample-world.ts'

/* GATE-1, GATE-5, GATE-6: whatever names, modes and links a tree has, and whatever tree was judged before, a gate sees that tree and what set-up made. */

interface Entry {
  readonly mode: '100644' | '100755' | '120000'
  /** In latin1: names are bytes. */
  readonly path: string
  readonly content: string
}

const names = ['a', 'A', 'b\nc', ' d ', '-n', '"q"\\', 'e.f', '\xc3\xa9', '\xff\xfe', '*?[x]']
const entry = fc.record({
  mode: fc.constantFrom<Entry['mode']>('100644', '100755', '120000'),
  path: fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
  content: fc.constantFrom('a', '../A', 'x y', 'nowhere/at/all'),
})

/** Where a file and a folder have one name, the first of them is there. */
const tree = fc.array(entry, { maxLength: 8 }).map((entries) =>
  entries.reduce<readonly Entry[]>((kept, next) => {
    const clashes = (other: Entry): boolean =>
      `${other.path}/`.startsWith(`${next.path}/`) || `${next.path}/`.startsWith(`${other.path}/`)
    return kept.some(clashes) ? kept : [...kept, next]
  }, []),
)

/** Of all that is no folder, besides git's own: path, kind and content, by bytes. */
const look = `
const { createHash } = require('node:crypto'), fs = require('node:fs'), seen = []
const walk = (folder) => {
  for (const name of fs.readdirSync(Buffer.from(folder || '.', 'latin1'), { encoding: 'buffer' })) {
    const path = folder + name.toString('latin1'), bytes = Buffer.from(path, 'latin1'), stat = fs.lstatSync(bytes)
    if (path === '.git') continue
    if (stat.isDirectory()) walk(path + '/')
    else if (stat.isSymbolicLink()) seen.push(JSON.stringify([path, '120000', fs.readlinkSync(bytes, 'latin1')]))
    else seen.push(JSON.stringify([path, stat.mode & 64 ? '100755' : '100644', fs.readFileSync(bytes, 'latin1')]))
  }
}
walk('')
console.log(createHash('sha256').update(JSON.stringify(seen.sort())).digest('hex')); process.exit(1)
`

function commitOf(world: SampleWorld, entries: readonly Entry[]): string {
  const run = (args: readonly string[], input: Buffer = Buffer.alloc(0)): string =>
    execFileSync('git', args, {
      cwd: world.repository.root,
      input,
      env: { ...process.env, GIT_INDEX_FILE: join(world.root, 'index') },
    })
      .toString()
      .trim()
  run(['read-tree', '--empty'])
  const lines = entries.map(({ mode, path: name, content }) => {
    const id = run(['hash-object', '-w', '--stdin'], Buffer.from(content))
    return Buffer.from(`${mode} ${id}\t${name}\0`, 'latin1')
  })
  run(['update-index', '-z', '--index-info'], Buffer.concat(lines))
  return run(['commit-tree', run(['write-tree']), '-m', 'one'])
}

test.each(['overlay', 'plain'] as const)(
  '%s: a gate sees the judged tree and what set-up made, tree after tree',
  async (form) => {
    await using world = await createSampleWorld({ form, setup: ['sh', '-c', 'mkdir -p made/deep && echo made >made/deep/file'] })
    const ignoring: Entry = { mode: '100644', path: '.gitignore', content: 'made\n' }
    const made: Entry = { mode: '100644', path: 'made/deep/file', content: 'made\n' }
    const base = commitOf(world, [ignoring])
    const gates = world.open()
    const gate = { ...shellGate('look', ''), command: [process.execPath, '-e', look] }
    await fc.assert(
      fc.asyncProperty(tree, async (entries) => {
        const commit = commitOf(world, [ignoring, ...entries])
        const [result] = await world.judge(gates, { commit, base, gates: [gate] })
        const expected = [ignoring, made, ...entries]
          .map(({ path: name, mode, content }) => JSON.stringify([name, mode, content]))
          .toSorted()
        expect(result?.excerpt).toBe(createHash('sha256').update(JSON.stringify(expected)).digest('hex'))
      }),
      { numRuns: 12 },
    )
  },
)

test('GATE-12 six trees are kept: old keys go, one that is in use stays', async () => {
  await using world = await createSampleWorld({ setup: ['sh', '-c', 'cat lock >made'], form: 'overlay' })
  const gates = world.open()
  const commits: string[] = []
  for (let number = 0; number < 9; number += 1) {
    await world.write({ '.gitignore': 'made\n', lock: `${number}\n` })
    commits.push(world.commit())
  }
  const pristine = join(world.state, 'pristine')
  const judge = (commit: string, script: string) => world.judge(gates, { commit, gates: [shellGate('look', script)] })
  const [first = '', ...later] = commits
  const using = judge(first, `while [ ! -e "$(git rev-parse --git-common-dir)/go" ]; do sleep 0.1; done; cat made; exit 1`)
  while (!existsSync(pristine) || readdirSync(pristine).length === 0) await sleep(milliseconds(20))
  for (const commit of later) await judge(commit, ':')
  expect(readdirSync(pristine).length).toBeLessThanOrEqual(7)
  execFileSync('touch', [join(world.repository.gitDir, 'go')])
  expect((await using)[0]?.excerpt).toBe('0')
})
