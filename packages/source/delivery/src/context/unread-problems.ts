import { warningAt, type Problem } from '@coxswain/constraints'
import { counted } from '@coxswain/kernel'
import type { Change } from '../compile/change.ts'
import { compileConfigFile, targets as allTargets, type Target } from '../compile/compile-config.ts'
import type { Output } from '../compile/surface.ts'
import { constraintIds } from './constraint-ids.ts'
import { loadingRules, type AgentName, type LoadingRules } from './loading-rules.ts'
import { memoryTree, type KnownTree } from './memory-tree.ts'
import { predict } from './predict.ts'

interface Compiled {
  readonly changes: readonly Change[]
  readonly agents: readonly AgentName[]
  readonly targets: readonly Target[]
}

/** Agent programs that the repository has instructions for, and that get nothing of a compile because they do not look at AGENTS.md. */
export function unreadProblems(
  { outputs, ...known }: KnownTree & { readonly outputs: readonly Output[] },
  { changes, agents, targets }: Compiled,
): Problem[] {
  const ids = new Set(outputs.filter(({ target }) => target === 'agents').flatMap(({ sources }) => sources))
  if (ids.size === 0) return []
  const tree = memoryTree(known, changes)
  return agents.flatMap((name) => {
    const rules = loadingRules[name]
    const target = allTargets.find((one) => one === name)
    if (target === undefined || targets.includes(target) || rules.groups.some((group) => group.includes(agentsFile))) return []
    const file = ownFiles(rules).find((path) => (tree.read(path) ?? '').trim() !== '')
    // Words that only name it send their reader there too.
    if (file === undefined || tree.read(file)?.includes(agentsFile) === true) return []
    const { startText } = predict({ rules, tree, root: '', folder: '', isRepository: true })
    if (constraintIds(startText).some((id) => ids.has(id))) return []
    const message = `${name} reads ${file}, not ${agentsFile}: it receives 0 of ${counted(ids.size, 'constraint')}`
    const wanted = [...new Set([...targets, target])].join(', ')
    const hint = `Write \`targets: [${wanted}]\` in ${compileConfigFile}, or put @${agentsFile} into ${file}.`
    return [warningAt({ file, line: 1 }, 'DELIVERY_UNREAD', message, hint)]
  })
}

const agentsFile = 'AGENTS.md'

function ownFiles({ groups }: LoadingRules): string[] {
  return groups.flat().filter((name) => !name.startsWith('*'))
}
