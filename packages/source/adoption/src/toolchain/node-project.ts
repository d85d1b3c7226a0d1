import { PackageScripts } from '@coxswain/model'
import { z } from 'zod'
import { chooseScript } from './package-gates.ts'
import {
  findPackageManager,
  installCommand,
  installKeys,
  scriptCommand,
  type NodeProject,
  type PackageManager,
} from './package-manager.ts'
import { parseJson } from './parse-json.ts'
import { gateNames, type ProposedGate, type ProposedSetup, type Toolchain, type Tree } from './toolchain.ts'
import { findInWorkspaces } from './workspaces.ts'

const Dependencies = z.looseObject({
  dependencies: z.record(z.string(), z.unknown()).optional().catch(undefined),
  devDependencies: z.record(z.string(), z.unknown()).optional().catch(undefined),
  optionalDependencies: z.record(z.string(), z.unknown()).optional().catch(undefined),
  workspaces: z.unknown().optional(),
})

const nothing: Toolchain = { setup: null, gates: [], notes: [] }

/** What `package.json`, its lockfile and what runs a monorepo's tasks say. */
export async function readNodeProject(tree: Tree): Promise<Toolchain> {
  const folders = findFolders(tree)
  const [folder] = folders
  if (folder === undefined) return nothing
  if (folders.length > 1)
    return {
      ...nothing,
      notes: [`${folders.map((one) => `${one}package.json`).join(', ')} stand apart: name their commands yourself`],
    }
  const manifest = parseJson((await tree.read(`${folder}package.json`)) ?? '')
  if (manifest === undefined) return { ...nothing, notes: [`${folder}package.json is no JSON`] }
  const manager = await findPackageManager(tree, folder, manifest)
  const { gates, notes } = await readScripts(tree, { folder, manager, manifest })
  return { setup: setupOf(tree, { folder, manager, manifest }), gates, notes: [...notes, ...lockNotes(manager, manifest)] }
}

/** The root; without one, those a level or two below it that have a lockfile of their own. */
function findFolders(tree: Tree): string[] {
  if (tree.has('package.json')) return ['']
  const isLock = /^((?:[^/]+\/){1,2})(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lockb?)$/
  const folders = new Set(tree.paths.flatMap((path) => isLock.exec(path)?.[1] ?? []))
  return [...folders].filter((folder) => tree.has(`${folder}package.json`))
}

function setupOf(tree: Tree, { folder, manager, manifest }: NodeProject): ProposedSetup | null {
  if (manager.lockfile === null && !needsInstall(manifest) && !tree.has(`${folder}pnpm-workspace.yaml`)) return null
  return {
    command: installCommand(manager, folder),
    keys: installKeys(tree, folder, manager),
    from: manager.lockfile ?? `${folder}package.json`,
  }
}

function needsInstall(manifest: unknown): boolean {
  const { data } = Dependencies.safeParse(manifest)
  if (data === undefined) return false
  const groups = [data.dependencies, data.devDependencies, data.optionalDependencies]
  return data.workspaces !== undefined || groups.some((group) => Object.keys(group ?? {}).length > 0)
}

function lockNotes({ lockfile, ignoredLockfiles, name }: PackageManager, manifest: unknown): string[] {
  const notes = ignoredLockfiles.map((file) => `${file} is not used: ${lockfile ?? `\`packageManager\` (${name})`} is`)
  if (lockfile === null && needsInstall(manifest))
    notes.push('No lockfile is committed, so two worktrees may get different packages')
  return notes
}

async function readScripts(tree: Tree, project: NodeProject): Promise<Pick<Toolchain, 'gates' | 'notes'>> {
  const scripts = PackageScripts.safeParse(project.manifest).data ?? new Map<string, string>()
  const gates: ProposedGate[] = []
  const notes: string[] = []
  for (const name of gateNames) {
    const choice = chooseScript(name, scripts)
    if (choice.kind === 'script') {
      const command = scriptCommand(project.manager, project.folder, choice.name)
      gates.push({ name, command, from: `${project.folder}package.json` })
      continue
    }
    const below = await findInWorkspaces(tree, project, name)
    if (below !== null) gates.push({ name, ...below })
    else if (choice.kind === 'unfit') notes.push(`No gate "${name}": ${choice.why}`)
  }
  return { gates, notes }
}
