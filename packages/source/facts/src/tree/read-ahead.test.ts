import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { extractFacts } from '../extract/extract-facts.ts'
import { createFactTree, type FactTree } from './fact-tree.ts'
import { readAhead, takeAhead } from './read-ahead.ts'

// As many files as make a second thread worth its start.
const [files, sources] = [1_601, 1_600]
let root = ''
beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'cox-ahead-')))
  const folder = 'packages/a-room-with-a-rather-long-name/src'
  mkdirSync(join(root, folder), { recursive: true })
  for (let at = 0; at < sources; at++)
    writeFileSync(
      join(root, folder, `file-${at}.ts`),
      `import { one } from './file-${at + 1}.ts'\nexport const two${at} = JSON.parse(one) as string\n`,
    )
  writeFileSync(join(root, folder, 'file-7.ts'), 'export const seven = (')
  // Read by one thread alone.
  writeFileSync(join(root, folder, 'package.json'), '{ "name": "seven" }')
  execFileSync('git', ['init', '-q', root])
  execFileSync('git', ['-C', root, 'add', '-A'])
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

it('says the same of a large repository whoever has read a file, and whenever the second thread has begun', async () => {
  const late = createFactTree(root, null)
  await late.refresh()
  await readAhead(root, { cache: false })
  const ahead = createFactTree(root, null)
  await ahead.refresh()
  const expected = new Map([...ahead.facts.keys()].map((path) => [path, extractFacts(path, readFileSync(join(root, path)))]))
  expect(expected.size).toBe(files)
  for (const tree of [late, ahead]) {
    expect(new Map(tree.facts)).toEqual(expected)
    expect([tree.counts, tree.totals.files, tree.isGit]).toEqual([{ read: files, parsed: files }, sources, true])
  }
  await expectChanges(ahead)
})

async function expectChanges(tree: FactTree): Promise<void> {
  const first = [...tree.facts.keys()].find((path) => path.endsWith('.ts')) ?? ''
  writeFileSync(join(root, first), 'export const changed = 1\n')
  expect(await tree.refresh()).toEqual({ added: [], removed: [], changed: [first] })
  expect(tree.facts.get(first)?.exports.map(({ name }) => name)).toEqual(['changed'])
}

it('leaves alone what is small or no repository, and gives a thread to one tree only', async () => {
  await readAhead(join(root, 'packages'), { cache: false })
  // On one core there is nothing to gain.
  const first = availableParallelism() > 1 ? expect.anything() : null
  expect([takeAhead(root), takeAhead(root)]).toEqual([first, null])
  const small = realpathSync(mkdtempSync(join(tmpdir(), 'cox-small-')))
  try {
    for (const folder of [small, join(small, 'missing')]) await readAhead(folder, { cache: false })
    execFileSync('git', ['init', '-q', small])
    await readAhead(small, { cache: false })
    expect(takeAhead(small)).toBe(null)
  } finally {
    rmSync(small, { recursive: true, force: true })
  }
})
