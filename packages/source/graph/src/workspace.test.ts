import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFactTree, openFactCache, type FactTree } from '@coxswain/facts'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createWorkspace } from './workspace.ts'

let folder = ''
let root = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cox-graph-'))
  root = join(folder, 'repo')
  mkdirSync(root)
  write('package.json', '{ "name": "one" }')
  write('a.ts', "import { b } from './b.ts'\nexport const a = b\n")
  write('b.ts', "import { c } from './c.ts'\nexport const b = c\n")
  write('c.ts', 'export const c = 1\n')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('gives a workspace its edges back', async () => {
  await withTree(async (tree) => {
    await tree.refresh()
    const workspace = createWorkspace(tree)
    tree.save({ targetsOf: (path) => workspace.targetsOf(path), notes: () => JSON.stringify(workspace.store()) })
  })
  write('a.ts', "import { c } from './c.ts'\nexport const a = c\n")
  await withTree(async (tree) => {
    await tree.refresh()
    const { earlier } = tree
    if (earlier === null) throw new Error('there is an earlier state')
    const kept = createWorkspace(tree, { earlier, stored: JSON.parse(earlier.snapshot.notes) })
    const anew = createWorkspace(tree)
    for (const path of ['a.ts', 'b.ts', 'c.ts']) {
      expect([...kept.importersOf(path)].toSorted()).toEqual([...anew.importersOf(path)].toSorted())
      expect(kept.targetsOf(path)).toEqual(anew.targetsOf(path))
      expect(kept.edgesOf(path)).toEqual(anew.edgesOf(path))
    }
    expect(kept.store()).toEqual(anew.store())
  })
})

async function withTree(use: (tree: FactTree) => Promise<void>): Promise<void> {
  const cache = openFactCache(join(folder, 'facts.sqlite'), 'test')
  try {
    await use(createFactTree(root, cache))
  } finally {
    cache.close()
  }
}

let second = 1_600_000_000

/** Long ago: a file as young as its reading is read again. */
function write(path: string, text: string): void {
  writeFileSync(join(root, path), text)
  utimesSync(join(root, path), second, second++)
}
