import type { Git } from './open-git.ts'

/** A file, link or submodule of a commit. */
export interface TreeEntry {
  /** `100644`, `100755`, `120000` a link, `160000` a submodule. */
  readonly mode: string
  readonly id: string
  readonly path: string
}

const maxBytes = 512 * 1024 * 1024

/** The entries of a commit or tree, also of its folders; of the given paths alone where there are some. */
export async function listTree(git: Git, commit: string, paths?: readonly string[]): Promise<TreeEntry[]> {
  if (paths?.length === 0) return []
  const args = ['ls-tree', '-r', '-z', '--full-tree', commit, ...(paths === undefined ? [] : ['--', ...paths])]
  return terminated(await git.read(args, { maxOutputBytes: maxBytes })).map((entry) => {
    const at = entry.indexOf('\t')
    const [mode = '', , id = ''] = entry.slice(0, at).split(' ')
    return { mode, id, path: entry.slice(at + 1) }
  })
}

const objectId = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/

/** The contents of files by their object ids; what is missing or is no file is left out. */
export async function readBlobs(git: Git, ids: Iterable<string>): Promise<Map<string, Uint8Array>> {
  const wanted = [...new Set(ids)]
  const unfit = wanted.find((id) => !objectId.test(id))
  if (unfit !== undefined) throw new Error(`${JSON.stringify(unfit)} is no object id`)
  if (wanted.length === 0) return new Map()
  return splitBatch(
    await git.read(['cat-file', '--batch'], { stdin: `${wanted.join('\n')}\n`, maxOutputBytes: maxBytes }),
    wanted,
  )
}

/** What `git cat-file --batch` wrote, by the sizes that it states: a content may look like anything, also like the next header. */
export function splitBatch(output: Uint8Array, ids: readonly string[]): Map<string, Uint8Array> {
  const bytes = Buffer.from(output.buffer, output.byteOffset, output.byteLength)
  const blobs = new Map<string, Uint8Array>()
  let at = 0
  for (const id of ids) {
    const end = bytes.indexOf('\n', at)
    if (end === -1) throw new Error('git cat-file ended early')
    const [named = '', kind = '', size = ''] = bytes.toString('latin1', at, end).split(' ')
    if (named !== id) throw new Error(`git cat-file answered for ${named.slice(0, 64)} instead of ${id}`)
    at = end + 1
    if (kind === 'missing') continue
    const length = /^\d+$/.test(size) ? Number(size) : Number.NaN
    if (!(at + length < bytes.length)) throw new Error(`git cat-file stated no size that fits, for ${id}`)
    if (kind === 'blob') blobs.set(id, Uint8Array.from(bytes.subarray(at, at + length)))
    at += length + 1
  }
  if (at !== bytes.length) throw new Error('git cat-file wrote more than was asked for')
  return blobs
}

/** The text of files by their object ids. */
export async function readTexts(git: Git, ids: Iterable<string>): Promise<Map<string, string>> {
  const blobs = await readBlobs(git, ids)
  return new Map([...blobs].map(([id, content]) => [id, Buffer.from(content).toString('utf8')]))
}

/** A file of a commit; null where it has none, or a link or folder, at that path. */
export async function readFileAt(git: Git, commit: string, path: string): Promise<string | null> {
  const entry = (await listTree(git, commit, [path])).find((found) => found.path === path && found.mode.startsWith('100'))
  return entry === undefined ? null : ((await readTexts(git, [entry.id])).get(entry.id) ?? null)
}

/** Keeps a text as an object that no tree names. */
export async function writeText(git: Git, text: string): Promise<string> {
  return git.run(['hash-object', '-w', '--no-filters', '--stdin'], { stdin: text })
}

/** The sizes of objects in bytes; what is missing is left out. */
export async function sizesOf(git: Git, ids: Iterable<string>): Promise<Map<string, number>> {
  const wanted = [...new Set(ids)].filter((id) => objectId.test(id))
  if (wanted.length === 0) return new Map()
  const read = await git.run(['cat-file', '--batch-check=%(objectname) %(objectsize)'], {
    stdin: `${wanted.join('\n')}\n`,
    maxOutputBytes: maxBytes,
  })
  const sizes = read.split('\n').map((line) => line.split(' '))
  return new Map(sizes.flatMap(([id = '', size = '']) => (/^\d+$/.test(size) ? [[id, Number(size)] as const] : [])))
}

/** Lines that a change adds to a file and takes from it; null for what git calls binary. */
export interface CountedFile {
  readonly path: string
  readonly added: number | null
  readonly removed: number | null
}

export async function countLines(
  git: Git,
  { from, to, paths }: { readonly from: string; readonly to: string; readonly paths: readonly string[] },
): Promise<CountedFile[]> {
  const literal = paths.map((path) => `:(literal)${path}`)
  const args = ['diff-tree', '-r', '-z', '--no-renames', '--numstat', from, to, '--', ...literal]
  return terminated(await git.read(args)).map((entry) => {
    const [added = '', removed = '', ...path] = entry.split('\t')
    return { path: path.join('\t'), added: countOf(added), removed: countOf(removed) }
  })
}

function countOf(text: string): number | null {
  return text === '-' ? null : Number(text)
}

/** The files of a tree in which a line matches an extended regular expression. */
export async function filesWithLine(
  git: Git,
  { tree, pattern, paths }: { readonly tree: string; readonly pattern: string; readonly paths: readonly string[] },
): Promise<string[]> {
  if (paths.length === 0) return []
  const literal = paths.map((path) => `:(literal)${path}`)
  const found = await git.attempt(['grep', '-l', '-z', '-I', '-E', '-e', pattern, tree, '--', ...literal])
  return terminated(Buffer.from(found.stdout)).map((entry) => entry.slice(tree.length + 1))
}

/** Entries that each end with a NUL, which no path and no line of git's can hold. */
function terminated(output: Uint8Array): string[] {
  const entries = Buffer.from(output.buffer, output.byteOffset, output.byteLength).toString('utf8').split('\0')
  if (entries.pop() !== '') throw new Error('git ended early')
  return entries
}
