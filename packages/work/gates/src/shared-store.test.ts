import { execFileSync } from 'node:child_process'
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addWorktree, openGit } from '@coxswain/host'
import { afterAll, expect, test } from 'vitest'
import { createSampleWorld, shellGate } from './testing/sample-world.ts'

/*
 * A package manager links what it installs to a store. Who may write the file in one tree then changes it in the store, and with the time put
 * back the next honest install does not notice.
 */
const pnpm = join(import.meta.dirname, `../../../../.toolchain/node_modules/@pnpm/exe.${process.platform}-${process.arch}/pnpm`)
const install = ['install', '--offline', '--no-frozen-lockfile', '--ignore-scripts']
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'cox-store-')))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

mkdirSync(join(folder, 'package'))
writeFileSync(join(folder, 'package/package.json'), '{ "name": "dep", "version": "1.0.0" }')
writeFileSync(join(folder, 'package/index.js'), 'module.exports = "honest"\n')
const tarball = join(folder, 'dep.tgz')
execFileSync('tar', ['-czf', tarball, '-C', folder, 'package'])
const manifest = JSON.stringify({ private: true, dependencies: { dep: `file:${tarball}` } })
const dependency = 'node_modules/dep/index.js'

/** In place, with the same length and the old times. */
function poison(tree: string): void {
  const file = realpathSync(join(tree, dependency))
  const { atime, mtime } = statSync(file)
  const handle = openSync(file, 'r+')
  writeSync(handle, 'module.exports = "poison"\n')
  closeSync(handle)
  utimesSync(file, atime, mtime)
}

function linkedFiles(tree: string): string[] {
  const files = readdirSync(join(tree, 'node_modules'), { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )
  return files.map(({ parentPath, name }) => join(parentPath, name)).filter((path) => statSync(path).nlink > 1)
}

test('without us, a rewritten file of one tree is installed into the next', () => {
  const trees = ['one', 'two'].map((name) => join(folder, name))
  const env = { ...process.env, pnpm_config_store_dir: join(folder, 'store') }
  for (const tree of trees) {
    mkdirSync(tree)
    writeFileSync(join(tree, 'package.json'), manifest)
    execFileSync(pnpm, install, { cwd: tree, env, stdio: 'ignore' })
    expect(linkedFiles(tree)).not.toEqual([])
    if (tree === trees[0]) poison(tree)
  }
  expect(readFileSync(join(folder, 'two', dependency), 'utf8')).toBe('module.exports = "poison"\n')
})

test.each(['overlay', 'plain'] as const)(
  '%s: nothing in a worktree is linked to a store, and the next set-up is honest',
  async (form) => {
    await using world = await createSampleWorld({ setup: [pnpm, ...install], keys: ['package.json'], form })
    const path = join(world.root, 'work')
    await world.write({ '.gitignore': 'node_modules\npnpm-lock.yaml\n', 'package.json': manifest.replace(tarball, './dep.tgz') })
    writeFileSync(join(world.repository.root, 'dep.tgz'), readFileSync(tarball))
    const base = world.commit()
    await addWorktree(world.repository.git, path, base)
    const gates = world.open()
    const place = { git: openGit(path), record: join(world.root, 'work.setup') }
    expect(await gates.readyWorktree({ ...world.request(base), ...place })).toBeNull()
    expect(linkedFiles(path)).toEqual([])
    poison(path)
    await world.write({ 'package.json': `${manifest.replace(tarball, './dep.tgz')}\n` })
    const [result] = await world.judge(gates, {
      commit: world.commit(),
      base,
      gates: [shellGate('look', `cat ${dependency}; exit 1`)],
    })
    expect(result?.excerpt).toBe('module.exports = "honest"')
  },
)

test('a set-up that links to a store without asking us leaves no link, also where it runs in the worktree itself', async () => {
  const store = join(folder, 'linked')
  writeFileSync(store, 'honest')
  // What says where it lies is not copied to another place.
  const setup = ['sh', '-c', `mkdir -p node_modules && pwd >node_modules/where && ln '${store}' node_modules/file`]
  await using world = await createSampleWorld({ setup, keys: ['package.json'], form: 'plain' })
  await world.write({ '.gitignore': 'node_modules\n', 'package.json': '{}' })
  const base = world.commit()
  const path = join(world.root, 'work')
  await addWorktree(world.repository.git, path, base)
  const place = { git: openGit(path), record: join(world.root, 'work.setup') }
  expect(await world.open().readyWorktree({ ...world.request(base), ...place })).toBeNull()
  expect([readFileSync(join(path, 'node_modules/where'), 'utf8').trim(), linkedFiles(path)]).toEqual([path, []])
  writeFileSync(join(path, 'node_modules/file'), 'poison')
  expect(readFileSync(store, 'utf8')).toBe('honest')
})
