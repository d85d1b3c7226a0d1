import { PackageScripts } from '@coxswain/model'
import { z } from 'zod'
import { chooseScript } from './package-gates.ts'
import { programCommand, type NodeProject, type PackageManager } from './package-manager.ts'
import { parseJson, withoutComments } from './parse-json.ts'
import type { GateName, ProposedGate, Tree } from './toolchain.ts'

type Found = Omit<ProposedGate, 'name'>

/** Where the root itself has no script for it: Nx and Turborepo first, then the package manager's own way through its workspaces. */
export async function findInWorkspaces(tree: Tree, project: NodeProject, gate: GateName): Promise<Found | null> {
  if (tree.has(`${project.folder}turbo.json`)) return findInTurbo(tree, project, gate)
  const packages = await readPackages(tree, project.folder)
  if (tree.has(`${project.folder}nx.json`)) return findInNx(tree, { ...project, packages }, gate)
  if (!isWorkspace(tree, project)) return null
  const script = packages.map((one) => chooseScript(gate, one.scripts)).find((choice) => choice.kind === 'script')
  if (script === undefined) return null
  const isEverywhere = packages.every(({ scripts }) => scripts.has(script.name))
  const command = acrossPackages(project.manager, script.name, isEverywhere)
  return command === null ? null : { command, from: `${project.folder}package.json` }
}

const Tasks = z.looseObject({
  tasks: z.record(z.string(), z.unknown()).optional().catch(undefined),
  pipeline: z.record(z.string(), z.unknown()).optional().catch(undefined),
})

const taskNames: Readonly<Record<GateName, readonly string[]>> = {
  test: ['test', 'test:ci', 'test:unit'],
  typecheck: ['typecheck', 'type-check', 'check-types', 'tsc'],
  lint: ['lint'],
}

async function findInTurbo(tree: Tree, { folder, manager }: NodeProject, gate: GateName): Promise<Found | null> {
  const from = `${folder}turbo.json`
  const { data } = Tasks.safeParse(parseJson(withoutComments((await tree.read(from)) ?? '')))
  const tasks = { ...data?.pipeline, ...data?.tasks }
  const name = taskNames[gate].find((one) => Object.hasOwn(tasks, one))
  return name === undefined ? null : { command: programCommand(manager, folder, ['turbo', 'run', name]), from }
}

const Targets = z.looseObject({
  targets: z.record(z.string(), z.unknown()).optional().catch(undefined),
  targetDefaults: z.record(z.string(), z.unknown()).optional().catch(undefined),
})

async function findInNx(
  tree: Tree,
  { folder, manager, packages }: NodeProject & { readonly packages: readonly WorkspacePackage[] },
  gate: GateName,
): Promise<Found | null> {
  const from = `${folder}nx.json`
  const projects = tree.paths.filter((path) => path.startsWith(folder) && path.endsWith('/project.json')).slice(0, mostPackages)
  const names = new Set(packages.flatMap(({ scripts }) => [...scripts.keys()]))
  for (const path of [...projects, from]) {
    const { data } = Targets.safeParse(parseJson(withoutComments((await tree.read(path)) ?? '')))
    for (const name of Object.keys({ ...data?.targets, ...data?.targetDefaults })) names.add(name)
  }
  const name = taskNames[gate].find((one) => names.has(one))
  return name === undefined ? null : { command: programCommand(manager, folder, ['nx', 'run-many', '--target', name]), from }
}

function acrossPackages({ name, isBerry }: PackageManager, script: string, isEverywhere: boolean): string[] | null {
  if (name === 'npm') return ['npm', 'run', script, '--workspaces', '--if-present']
  if (name === 'pnpm') return ['pnpm', '--recursive', 'run', script]
  if (name === 'bun') return ['bun', 'run', '--filter', '*', script]
  if (isBerry) return ['yarn', 'workspaces', 'foreach', '--all', 'run', script]
  // Yarn 1 fails in the first package that lacks it.
  return isEverywhere ? ['yarn', 'workspaces', 'run', script] : null
}

interface WorkspacePackage {
  readonly scripts: ReadonlyMap<string, string>
}

const mostPackages = 2_000

async function readPackages(tree: Tree, folder: string): Promise<WorkspacePackage[]> {
  const paths = tree.paths.filter(
    (path) => path.startsWith(folder) && path.endsWith('/package.json') && path !== `${folder}package.json`,
  )
  const found: WorkspacePackage[] = []
  for (const path of paths.slice(0, mostPackages)) {
    const { data } = PackageScripts.safeParse(parseJson((await tree.read(path)) ?? ''))
    if (data !== undefined) found.push({ scripts: data })
  }
  return found
}

const Workspaces = z.looseObject({ workspaces: z.unknown().optional() })

function isWorkspace(tree: Tree, { folder, manager, manifest }: NodeProject): boolean {
  if (folder !== '') return false
  if (manager.name === 'pnpm') return tree.has('pnpm-workspace.yaml')
  return Workspaces.safeParse(manifest).data?.workspaces !== undefined
}
