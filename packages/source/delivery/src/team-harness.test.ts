import { spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listTree, loadConstraints, testConstraints } from '@coxswain/constraints'
import { expect, test } from 'vitest'
import { compile } from './compile/compile.ts'

const example = join(import.meta.dirname, '../../../../examples/team-harness')

async function repository(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'cox-team-'))
  spawnSync('git', ['init', '-q', root])
  await cp(example, root, { recursive: true })
  for (const path of [
    'packages/billing/src/service/charge.ts',
    'packages/events/src/event.ts',
    'packages/shop/src/ui/card.tsx',
  ]) {
    await mkdir(join(root, path, '..'), { recursive: true })
    await writeFile(join(root, path), '')
  }
  await writeFile(join(root, 'packages/events/package.json'), '{}')
  await writeFile(join(root, 'AGENTS.md'), '# Shop\r\n\r\nWords of people')
  return root
}

async function bytesOf(root: string): Promise<Record<string, string>> {
  const files = await listTree(root)
  return Object.fromEntries(
    await Promise.all(files.map(async (path) => [path, (await readFile(join(root, path))).toString('base64')])),
  )
}

test('the example holds at least 25 constraints, and every check proves itself on its examples', async () => {
  const { constraints, problems } = await loadConstraints(example, [])
  expect(problems).toEqual([])
  expect(constraints.length).toBeGreaterThanOrEqual(25)
  expect(constraints.filter((one) => one.bad.length === 0 || one.good.length === 0)).toEqual([])
  const results = await testConstraints(constraints, { root: example })
  expect(results.filter((result) => result.verdict !== 'passed')).toEqual([])
})

test('the example reaches every surface, and removal restores the repository byte for byte', async () => {
  const root = await repository()
  try {
    const before = await bytesOf(root)
    const dry = await compile({ root, mode: 'dry-run' })
    expect([...new Set(dry.outputs.map((output) => output.target))].toSorted()).toEqual(
      ['agents', 'claude', 'copilot', 'cursor', 'gemini', 'hooks', 'index', 'messages', 'review', 'skills'].toSorted(),
    )
    expect(await bytesOf(root)).toEqual(before)
    await compile({ root })
    expect(Object.keys(await bytesOf(root)).length).toBeGreaterThan(Object.keys(before).length)
    await compile({ root, mode: 'remove' })
    expect(await bytesOf(root)).toEqual(before)
    expect((await readdir(root)).toSorted()).toEqual(['.git', 'AGENTS.md', 'harness', 'packages'])
  } finally {
    await rm(root, { recursive: true, force: true })
  }
})
