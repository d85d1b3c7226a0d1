export { findCycles } from './find-cycles.ts'
export { joinPath } from './read-path-aliases.ts'
export type { Target } from './resolve-import.ts'
export {
  canUpdate,
  createWorkspace,
  type Edge,
  type OwnedWorkspace,
  type PackageNode,
  type StoredWorkspace,
  type Workspace,
} from './workspace.ts'
