import { listTree, readTexts, type Git, type TreeEntry } from '@coxswain/host'
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
  const [before, after] = [await listFiles(git, base), await listFiles(git, head, mayCount.filter(isPackage))]
  const packages = before.filter(({ path }) => isPackage(path))
  const links = before.filter(({ mode }) => mode === linkMode)
  const texts = await readTexts(
    git,
    [...links, ...packages, ...after].map(({ id }) => id),
  )
  const named = (entries: readonly TreeEntry[]): Map<string, string> =>
    new Map(entries.map(({ path, id }) => [path, texts.get(id) ?? '']))
  const files = new Set(before.filter(({ mode }) => mode.startsWith('100')).map(({ path }) => path))
  const tree = { root, files, links: named(links), packages: named(packages) }
  return changedProof(commands, tree, { paths: mayCount, packages: named(after) })
}

function commandsOf({ gates, setup }: Pick<HarnessConfig, 'gates' | 'setup'>): ProofCommand[] {
  const proving = gates.map(({ name, command }) => ({ name: `the gate ${name}`, command }))
  return setup === null ? proving : [...proving, { name: 'the set-up', command: setup.command }]
}

const linkMode = '120000'

function isPackage(path: string): boolean {
  return /(?:^|\/)package\.json$/i.test(path)
}

/** Without submodules, whose ids are of no object here. */
async function listFiles(git: Git, commit: string, paths?: readonly string[]): Promise<TreeEntry[]> {
  return (await listTree(git, commit, paths)).filter(({ mode }) => mode !== '160000')
}
