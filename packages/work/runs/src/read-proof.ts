import type { Git } from '@coxswain/host'
import type { HarnessConfig } from '@coxswain/model'
import { changedProof, type ProofChange, type ProofCommand } from './proof.ts'
import { notFreed } from './protected-paths.ts'

/** What of the paths that changed between two commits alters what gates and set-up run; `!` entries of `protected` free paths. */
export async function proofChangedBetween(
  config: Pick<HarnessConfig, 'gates' | 'setup' | 'protected'>,
  { git, root, base, head }: { readonly git: Git; readonly root: string; readonly base: string; readonly head: string },
  paths: readonly string[],
): Promise<ProofChange[]> {
  const [commands, mayCount] = [commandsOf(config), notFreed(paths, config.protected)]
  if (commands.length === 0 || mayCount.length === 0) return []
  const [before, after] = [await listTree(git, base), await listTree(git, head, mayCount.filter(isPackage))]
  const packages = before.filter(({ path }) => isPackage(path))
  const links = before.filter(({ mode }) => mode === linkMode)
  const texts = await readBlobs(
    git,
    [...links, ...packages, ...after].map(({ id }) => id),
  )
  const named = (entries: readonly Entry[]): Map<string, string> =>
    new Map(entries.map(({ path, id }) => [path, texts.get(id) ?? '']))
  const files = new Set(before.filter(({ mode }) => mode.startsWith('100')).map(({ path }) => path))
  const tree = { root, files, links: named(links), packages: named(packages) }
  return changedProof(commands, tree, { paths: mayCount, packages: named(after) })
}

function commandsOf({ gates, setup }: Pick<HarnessConfig, 'gates' | 'setup'>): ProofCommand[] {
  const proving = gates.map(({ name, command }) => ({ name: `the gate ${name}`, command }))
  return setup === null ? proving : [...proving, { name: 'the set-up', command: setup.command }]
}

interface Entry {
  readonly mode: string
  readonly id: string
  readonly path: string
}

const linkMode = '120000'
const maxListBytes = 512 * 1024 * 1024

function isPackage(path: string): boolean {
  return /(?:^|\/)package\.json$/i.test(path)
}

/** The files and links of a commit, or those of them at the given paths. */
async function listTree(git: Git, commit: string, paths?: readonly string[]): Promise<Entry[]> {
  if (paths?.length === 0) return []
  const args = ['ls-tree', '-r', '-z', '--full-tree', commit, ...(paths === undefined ? [] : ['--', ...paths])]
  const listed = await git.run(args, { maxOutputBytes: maxListBytes })
  return listed.split('\0').flatMap((line) => {
    const [, mode, id, path] = /^(\d+) blob ([0-9a-f]+)\t(.+)$/s.exec(line) ?? []
    return mode === undefined || id === undefined || path === undefined ? [] : [{ mode, id, path }]
  })
}

async function readBlobs(git: Git, ids: readonly string[]): Promise<Map<string, string>> {
  const wanted = [...new Set(ids)]
  const texts = new Map<string, string>()
  if (wanted.length === 0) return texts
  const read = await git.run(['cat-file', '--batch'], { stdin: `${wanted.join('\n')}\n`, maxOutputBytes: maxListBytes })
  // Sizes are of bytes and this is text: an object's own name, which it cannot hold, says where the next begins.
  let [rest, last] = [`\n${read}\n`, '']
  for (const id of wanted) {
    const header = new RegExp(`\\n${id} blob \\d+\\n`).exec(rest)
    if (header === null) continue
    if (last !== '') texts.set(last, rest.slice(0, header.index))
    rest = rest.slice(header.index + header[0].length)
    last = id
  }
  if (last !== '') texts.set(last, rest.replace(/\n$/, ''))
  return texts
}
