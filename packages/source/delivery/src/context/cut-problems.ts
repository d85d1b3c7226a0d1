import { warningAt, type Problem } from '@coxswain/constraints'
import type { Change } from '../compile/change.ts'
import type { Output } from '../compile/surface.ts'
import { constraintIds } from './constraint-ids.ts'
import { loadingRules, type AgentName } from './loading-rules.ts'
import { memoryTree, type KnownTree } from './memory-tree.ts'
import { predict } from './predict.ts'

/** Which compiled instructions these agent programs would cut off, in every folder that has some. */
export function cutProblems(
  { outputs, ...known }: KnownTree & { readonly outputs: readonly Output[] },
  { changes, agents }: { readonly changes: readonly Change[]; readonly agents: readonly AgentName[] },
): Problem[] {
  const tree = memoryTree(known, changes)
  const capped = agents.map((name) => loadingRules[name]).filter((rules) => rules.capBytes !== null)
  const folders = new Set(
    outputs.filter((output) => output.target === 'agents').map((output) => output.path.replace(/\/?AGENTS\.md$/, '')),
  )
  return capped.flatMap((rules) =>
    [...folders].flatMap((folder) => {
      const { lost } = predict({ rules, tree, root: '', folder, isRepository: true })
      return lost
        .filter((loss) => loss.reason === 'over-cap' && folderOf(loss.path) === folder)
        .map((loss) => {
          const ids = constraintIds(loss.text)
          const what =
            ids.length === 0
              ? `${Buffer.byteLength(loss.text)} bytes`
              : `${ids.slice(0, 8).join(', ')}${ids.length > 8 ? ` and ${ids.length - 8} more` : ''}`
          const message = `${rules.agent} ${rules.version}, started in ${folder === '' ? 'the root' : folder}, cuts the chain at ${rules.capBytes ?? 0} bytes and loses of ${loss.path}: ${what}`
          return warningAt(
            { file: loss.path, line: 1 },
            'DELIVERY_CUT',
            message,
            'Shorten the instructions above it, or move lines to checks.',
          )
        })
    }),
  )
}

/** A loss is reported where its file stands, not again in every folder below. */
function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}
