import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openGit, type Git } from './open-git.ts'
import { listTree, readBlobs, readFileAt, sizesOf, splitBatch } from './read-objects.ts'

async function withRepository(use: (git: Git) => Promise<void>): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'cox-objects-'))
  try {
    const git = openGit(root)
    await git.run(['init', '--quiet'])
    await use(git)
  } finally {
    await rm(root, { recursive: true })
  }
}

const known = Array.from({ length: 6 }, (_, number) => String(number).repeat(40))
const piece = fc.oneof(
  fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom(...known.flatMap((id) => [`\n${id} blob 3\n`, `${id} missing\n`, `${id} tree 0\n\n`, id])).map(Buffer.from),
  fc.constantFrom('\n', '\0', '\u00FC', '\uD800').map((text) => Buffer.from(text)),
)
const content = fc.array(piece, { maxLength: 8 }).map((pieces) => Buffer.concat(pieces))

test('a batch is split by the sizes that it states, whatever the contents look like', () => {
  const answer = fc.oneof(
    content.map((bytes) => ({ kind: 'blob', bytes })),
    fc.constant({ kind: 'missing', bytes: null }),
    content.map((bytes) => ({ kind: 'tree', bytes })),
  )
  fc.assert(
    fc.property(fc.array(answer, { maxLength: 6 }), (answers) => {
      const ids = known.slice(0, answers.length)
      const output = answers.flatMap(({ kind, bytes }, at) =>
        bytes === null
          ? [Buffer.from(`${ids[at]} missing\n`)]
          : [Buffer.from(`${ids[at]} ${kind} ${bytes.length}\n`), bytes, Buffer.from('\n')],
      )
      const expected = answers.flatMap(({ kind, bytes }, at) =>
        kind === 'blob' && bytes !== null ? [[ids[at], bytes.toString('hex')] as const] : [],
      )
      const found = splitBatch(Buffer.concat(output), ids)
      expect([...found].map(([id, bytes]) => [id, Buffer.from(bytes).toString('hex')])).toEqual(expected)
    }),
  )
})

test('a batch that does not keep to its form is no answer', () => {
  const [id = '', other = ''] = known
  const asked = (output: string) => () => splitBatch(Buffer.from(output), [id])
  for (const output of [
    '',
    `${id} blob 3\nab`,
    `${id} blob 3\nabc`,
    `${id} blob -1\n\n`,
    `${id} blob 1e1\n0123456789\n`,
    `${id} blob\nabc\n`,
    `${other} blob 0\n\n`,
    `${id} missing\nmore`,
    `${id} blob 1\nab\n`,
  ])
    expect(asked(output), JSON.stringify(output)).toThrow(/git cat-file/)
  expect(() => splitBatch(Buffer.from('x'), [])).toThrow(/more than was asked/)
})

test('what was written to a repository is read back to the byte', async () => {
  await withRepository(async (git) => {
    const ids = new Map<string, Buffer>()
    const bytes = fc.sample(content, 40)
    bytes.push(Buffer.alloc(0), Buffer.from([0xff, 0xfe, 0]), Buffer.alloc(300_000, '\n'))
    for (const blob of bytes) ids.set(await git.run(['hash-object', '-w', '--stdin', '--no-filters'], { stdin: blob }), blob)
    const hostile = [...ids.keys()].map((id) => `x\n${id} blob 4\ntrue\n${id} missing\n`).join('')
    const lure = await git.run(['hash-object', '-w', '--stdin'], { stdin: hostile })
    const tree = await git.run(['mktree'], { stdin: '' })
    const missing = 'f'.repeat(40)
    const found = await readBlobs(git, [lure, missing, tree, ...ids.keys(), lure])
    expect(found.size).toBe(ids.size + 1)
    expect(Buffer.from(found.get(lure) ?? []).toString()).toBe(hostile)
    for (const [id, blob] of ids) expect(Buffer.from(found.get(id) ?? []).equals(blob), id).toBe(true)
    expect(await sizesOf(git, [lure, missing])).toEqual(new Map([[lure, hostile.length]]))
    await expect(readBlobs(git, [`${lure}\n${missing}`])).rejects.toThrow(/no object id/)
  })
})

test('the names of a tree may hold anything but a NUL', async () => {
  await withRepository(async (git) => {
    const id = await git.run(['hash-object', '-w', '--stdin'], { stdin: 'x' })
    const names = ['a\tb', 'line\nbreak', '100644 blob x', ' ', '"q"', '\u00FC', '-z', '*']
    const tree = await git.run(['mktree', '-z'], { stdin: names.map((name) => `100755 blob ${id}\t${name}\0`).join('') })
    const listed = await listTree(git, tree)
    expect(listed.map(({ path }) => path).toSorted()).toEqual(names.toSorted())
    expect(new Set(listed.map(({ mode, id: object }) => `${mode} ${object}`))).toEqual(new Set([`100755 ${id}`]))
    for (const name of names) expect(await readFileAt(git, tree, name), name).toBe('x')
    expect(await readFileAt(git, tree, 'absent')).toBeNull()
  })
})

test('output that was cut is no answer', async () => {
  await withRepository(async (git) => {
    const id = await git.run(['hash-object', '-w', '--stdin'], { stdin: 'x'.repeat(5_000) })
    const cut = { maxOutputBytes: 1_000 }
    await expect(git.run(['cat-file', 'blob', id], cut)).rejects.toMatchObject({ code: 'GIT_OUTPUT_LARGE' })
    await expect(git.read(['cat-file', 'blob', id], cut)).rejects.toMatchObject({ code: 'GIT_OUTPUT_LARGE' })
    expect((await git.attempt(['cat-file', 'blob', id], cut)).truncated).toBe(true)
  })
})
