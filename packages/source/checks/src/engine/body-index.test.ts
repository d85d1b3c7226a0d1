import { expect, it } from 'vitest'
import { extractFacts, type FactTree, type FileFacts } from '@coxswain/facts'
import { createWorkspace } from '@coxswain/graph'
import { createBodyIndex, type BodyIndex } from './body-index.ts'

it('knows the same from its text, however much of it is asked for and changed', () => {
  const texts = new Map(Array.from({ length: 40 }, (_, at) => [`folder/file-${at}.ts`, [bodyOf(at), bodyOf(1_000 + (at % 3))]]))
  const facts = new Map([...texts].map(([path, bodies]) => [path, read(path, bodies)]))
  const workspace = createWorkspace(treeOf(facts))
  const first = createBodyIndex(workspace)
  const hashes = [...new Set([...facts.values()].flatMap(hashesOf))]
  expect(hashes.length).toBe(43)
  const restored = createBodyIndex(workspace, first.store())
  expect(describeIndex(restored, hashes)).toEqual(describeIndex(first, hashes))

  const edited = createBodyIndex(workspace, first.store())
  const [own = '', shared = ''] = hashesOf(facts.get('folder/file-0.ts'))
  facts.set('folder/file-0.ts', read('folder/file-0.ts', [bodyOf(5)]))
  for (const index of [first, edited]) index.replace('folder/file-0.ts', [own, shared])
  expect([edited.filesWith(own), edited.filesWith(shared).includes('folder/file-0.ts')]).toEqual([[], false])
  const again = createBodyIndex(workspace, edited.store())
  for (const index of [edited, again]) expect(describeIndex(index, hashes)).toEqual(describeIndex(first, hashes))
})

function bodyOf(at: number): string {
  return `export function f${at}(a: number) {\n  if (a > ${at}) {\n    return ${at}\n  }\n  const b = a\n  return b\n}\n`
}

function read(path: string, bodies: readonly string[]): FileFacts {
  return extractFacts(path, Buffer.from(bodies.join('')))
}

function hashesOf(facts: FileFacts | undefined): string[] {
  return (facts?.functions ?? []).flatMap(({ hash }) => hash ?? [])
}

function describeIndex(index: BodyIndex, hashes: readonly string[]): (readonly string[])[] {
  return hashes.map((hash) => index.filesWith(hash).toSorted())
}

function treeOf(facts: ReadonlyMap<string, FileFacts>): FactTree {
  const unchanged = { added: [], removed: [], changed: [] }
  return {
    root: '',
    facts,
    isGit: false,
    counts: { read: 0, parsed: 0 },
    totals: { files: 0, lines: 0, bytes: 0 },
    wasSaved: false,
    earlier: null,
    refresh: async () => unchanged,
    refreshFiles: () => unchanged,
    textOf: () => '',
    save: () => {},
  }
}
