import { extname, join } from 'node:path'
import type { SgNode } from '@ast-grep/napi'
import { languageOf, matchOf } from './ast-grep-node.ts'
import type { JoinedRule } from './join-patterns.ts'
import type { KnownFile } from './match-cache.ts'

export interface ReadableFile {
  readonly file: string
  /** Reads the content when it is asked for. */
  readonly text: () => string
}

/** Native threads read and search the files; those they may pass over in silence are left out. Null when a rule is not valid: one by one it is named. */
export async function matchTogether(
  files: readonly ReadableFile[],
  joined: JoinedRule,
  root: string,
): Promise<Map<string, KnownFile['matches']> | null> {
  const { Lang: langs, findInFiles } = await import('@ast-grep/napi')
  const plain = files.filter(({ text }) => isPlain(text()))
  const found = new Map<string, KnownFile['matches']>(plain.map(({ file }) => [file, []]))
  const names = new Map(plain.map(({ file }) => [join(root, file), file]))
  const [first] = plain
  if (first === undefined) return found
  let [expected, heard] = [Number.POSITIVE_INFINITY, 0]
  const done = Promise.withResolvers<void>()
  const settle = (): void => {
    if (heard >= expected) done.resolve()
  }
  const hear = (error: Error | null, nodes: readonly SgNode[]): void => {
    heard += 1
    if (error !== null) done.reject(error)
    const file = names.get(nodes[0]?.getRoot().filename() ?? '')
    if (file !== undefined)
      found.set(file, nodes.flatMap((node) => joined.matching(node).map((at) => matchOf(node, at))).toSorted(byPattern))
    settle()
  }
  try {
    expected = await findInFiles(
      languageOf(langs, extname(first.file)),
      { paths: [...names.keys()], matcher: joined.config },
      hear,
    )
    settle()
    await done.promise
    return found
  } catch {
    return null
  }
}

/** What the native reader takes as it is: UTF-8, and not so large that it would be passed over. */
function isPlain(text: string): boolean {
  return text.length < 1_000_000 && !text.includes('\u{fffd}')
}

function byPattern(a: KnownFile['matches'][number], b: KnownFile['matches'][number]): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2]
}
