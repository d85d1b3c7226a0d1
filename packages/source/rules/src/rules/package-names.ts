import picomatch from 'picomatch'
import type { Workspace } from '@coxswain/graph'
import type { RuleContext } from '../rule.ts'

/** How people call the package of a file: its name, or its folder. */
export function nameOf(workspace: Workspace, path: string): string {
  const node = workspace.packageOf(path)
  return node?.name ?? (node?.dir || path)
}

/** Whether the architecture declares this one edge, with its reason. */
export function isDeclaredEdge({ architecture, workspace }: RuleContext<unknown>, from: string, to: string): boolean {
  return architecture.edges.some((edge) => fits(edge.from, from, workspace) && fits(edge.to, to, workspace))
}

function fits(pattern: string, path: string, workspace: Workspace): boolean {
  return pattern === workspace.packageOf(path)?.name || picomatch.isMatch(path, [pattern, `${pattern}/**`])
}
