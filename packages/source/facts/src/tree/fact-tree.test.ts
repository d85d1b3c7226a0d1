import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openFactCache, type FactCache } from '../cache/fact-cache.ts'
import { createFactTree, type FactTree } from './fact-tree.ts'

let folder = ''
let root = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cox-tree-'))
  root = join(folder, 'repo')
  write('package.json', '{ "name": "one" }')
  write('a.ts', "import { b } from './b.ts'\nexport const a = b\n")
  write('b.ts', "import { c } from './c.ts'\nexport const b = c\n")
  write('c.ts', 'export const c = 1\n')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('says what changed since it was saved, and what was there before', async () => {
  await withTree(saveAll)
  write('a.ts', 'export const a = 2\n')
  write('new.ts', 'export const d = 3\n')
  rmSync(join(root, 'c.ts'))
  touch('b.ts')
  await withTree(async (tree) => {
    expect(await tree.refresh()).toEqual({ added: ['new.ts'], removed: ['c.ts'], changed: ['a.ts'] })
    expect(tree.earlier?.factsBefore('a.ts')?.imports.map(({ from }) => from)).toEqual(['./b.ts'])
    expect(tree.facts.get('a.ts')?.imports).toEqual([])
    expect(tree.earlier?.factsBefore('never.ts')).toBe(undefined)
  })
})

it('is the same whether facts were read now or kept', async () => {
  await withTree(saveAll)
  write('b.ts', "import { c } from './c.ts'\nexport const b = c + 1\n\n")
  const kept = await withTree(async (tree) => (await tree.refresh(), describeTree(tree)))
  const fresh = createFactTree(root, null)
  await fresh.refresh()
  expect(kept).toEqual(describeTree(fresh))
  expect(fresh.earlier).toBe(null)
})

it('knows lines and bytes without reading the facts', async () => {
  const before = await withTree(saveAll)
  // So young a file is read again until it has settled.
  for (let read = -1; read !== 0;) read = await withTree(async (tree) => (await saveAll(tree), tree.counts.read))
  await withTree(async (tree) => {
    await tree.refresh()
    expect([tree.totals, tree.counts]).toEqual([before, { read: 0, parsed: 0 }])
  })
})

it('goes on when the cache has lost facts', async () => {
  await withTree(saveAll)
  const cache = openFactCache(join(folder, 'facts.sqlite'), 'test')
  try {
    const tree = createFactTree(root, { ...cache, get: () => undefined, getAll: () => new Map() })
    await tree.refresh()
    expect(tree.facts.get('b.ts')?.exports.map(({ name }) => name)).toEqual(['b'])
    expect([...tree.facts.keys()].toSorted()).toEqual(['a.ts', 'b.ts', 'c.ts', 'package.json'])
  } finally {
    cache.close()
  }
})

it('starts anew under another version, and forgets worktrees that are gone', async () => {
  await withTree(saveAll)
  await withTree(async (tree) => {
    await tree.refresh()
    expect(tree.earlier).toBe(null)
  }, 'other')
  const gone = root
  await withTree(saveAll)
  root = join(folder, 'moved')
  write('x.ts', 'export const x = 1\n')
  rmSync(gone, { recursive: true })
  await withTree(saveAll)
  const cache = openFactCache(join(folder, 'facts.sqlite'), 'test')
  expect([cache.loadSnapshot(gone), cache.loadSnapshot(root)?.notes]).toEqual([null, 'mine'])
  cache.close()
})

async function saveAll(tree: FactTree): Promise<FactTree['totals']> {
  await tree.refresh()
  tree.save({ targetsOf: () => [], notes: () => 'mine' })
  return tree.totals
}

async function withTree<T>(use: (tree: FactTree) => Promise<T>, version = 'test'): Promise<T> {
  const cache: FactCache = openFactCache(join(folder, 'facts.sqlite'), version)
  try {
    return await use(createFactTree(root, cache))
  } finally {
    cache.close()
  }
}

function describeTree(tree: FactTree): unknown {
  return { facts: [...tree.facts].toSorted(([a], [b]) => (a < b ? -1 : 1)), totals: tree.totals }
}

/** Long ago: a file as young as its reading is read again. */
function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
  touch(path)
}

let second = 1_600_000_000

function touch(path: string): void {
  utimesSync(join(root, path), second, second++)
}
