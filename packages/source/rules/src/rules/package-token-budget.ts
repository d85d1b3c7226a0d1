import type { FileFacts } from '@coxswain/facts'
import { countTokens, estimateTokens } from '../count-tokens.ts'
import type { PackageNode, Workspace } from '@coxswain/graph'
import { defineRule } from '../rule.ts'

export const packageTokenBudget = defineRule({
  id: 'package-token-budget',
  why: 'A package that does not fit in an agent’s context window is changed by guesswork.',
  severity: 'warning',
  scope: 'package',
  options: (z) => z.strictObject({ tokens: z.number().int().positive().default(200_000) }),
  check: (node, { workspace, options }) => {
    const sources = node.files.filter((file) => isText(workspace.facts.get(file)))
    const bytes = sources.reduce((sum, file) => sum + (workspace.facts.get(file)?.bytes ?? 0), 0)
    // Counting is slow and an estimate is good to a fifth: count only what could fall on either side.
    if (bytes / bytesPerTokenAtLeast < options.tokens) return []
    const isFarOver = estimateTokens(bytes) > options.tokens * 2
    const tokens = isFarOver ? estimateTokens(bytes) : countAll(sources, workspace)
    if (tokens <= options.tokens) return []
    const largest = largestFolders(sources, { node, workspace, tokensPerByte: tokens / bytes })
    return [
      {
        file: node.dir === '' ? 'package.json' : `${node.dir}/package.json`,
        line: 1,
        column: 1,
        what: `${node.name ?? node.dir} has ${isFarOver ? 'about ' : ''}${tokens} tokens in ${sources.length} files, ${tokens - options.tokens} over ${options.tokens}`,
        fix: [
          `Move a part with a name of its own into a package; the largest folders are ${largest}.`,
          'Delete what nobody uses: `cox check --rule unused-file`.',
        ],
        anchor: `budget ${node.name ?? node.dir}`,
      },
    ]
  },
})

/** What is no text, or too large to be source, has a finding of its own. */
function isText(facts: FileFacts | undefined): boolean {
  return facts?.kind === 'source' && facts.lines > 0
}

const bytesPerTokenAtLeast = 2.2

function countAll(files: readonly string[], workspace: Workspace): number {
  return files.reduce((sum, file) => sum + countTokens(workspace.textOf(file)), 0)
}

interface Measure {
  readonly node: PackageNode
  readonly workspace: Workspace
  readonly tokensPerByte: number
}

/** Shares of what was counted: together they are never more than the package. */
function largestFolders(sources: readonly string[], { node, workspace, tokensPerByte }: Measure): string {
  const bytes = new Map<string, number>()
  for (const file of sources) {
    const inside = file.slice(node.dir === '' ? 0 : node.dir.length + 1)
    const folder = inside.split('/').slice(0, -1).slice(0, 2).join('/') || '.'
    bytes.set(folder, (bytes.get(folder) ?? 0) + (workspace.facts.get(file)?.bytes ?? 0))
  }
  const ranked = [...bytes].toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, 3)
  return ranked.map(([folder, size]) => `${folder} (~${Math.round(size * tokensPerByte)} tokens)`).join(', ')
}
