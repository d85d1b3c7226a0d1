import type { Workspace } from '@coxswain/graph'
import { readArchitecture, type ArchitectureFile } from '@coxswain/rules'
import { suggest } from '../config/parse-config-file.ts'

/** What an architecture names and the repository does not have: its rules would be silent, and look obeyed. */
export function describeUnmet(workspace: Workspace, file: ArchitectureFile): readonly string[] {
  const known = told.get(workspace)
  if (known !== undefined) return known
  const notes = look(workspace, file)
  told.set(workspace, notes)
  return notes
}

// Packages and architecture stay the same as long as a workspace does.
const told = new WeakMap<Workspace, readonly string[]>()

function look(workspace: Workspace, file: ArchitectureFile): string[] {
  const nodes = workspace.packages.filter((node) => node.isMember)
  const names = new Set(nodes.flatMap(({ name }) => (name === null ? [] : [name])))
  const libraries = new Set(
    nodes.flatMap(({ manifest }) =>
      [manifest.dependencies, manifest.devDependencies, manifest.peerDependencies].flatMap(Object.keys),
    ),
  )
  const capabilities = file.capabilities
    .filter(({ use }) => !names.has(use) && !libraries.has(use))
    .map(
      ({ name, use }) =>
        `harness/architecture.yaml: ${name} is ${use}, which no package is or depends on. ${suggest(use, [...names])}`,
    )
  if (file.packages.length === 0) return capabilities
  const { placeOf } = readArchitecture(file, workspace)
  const found = new Set(nodes.map(({ dir }) => placeOf(`${dir}/package.json`).layer))
  const layers = file.layers
    .filter(({ name }) => !found.has(name))
    .map(({ name }) => `harness/architecture.yaml: no package is in layer ${name}`)
  return [...capabilities, ...layers]
}
