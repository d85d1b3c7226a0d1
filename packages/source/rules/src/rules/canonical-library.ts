import type { Edge } from '@coxswain/graph'
import type { Capability } from '../architecture/architecture.ts'
import type { Rewrite } from '../rewrite.ts'
import { offeredNames } from './offered-names.ts'
import { defineRule, type RawFinding, type RuleContext } from '../rule.ts'

export const canonicalLibrary = defineRule({
  id: 'canonical-library',
  why: 'Two libraries for one job mean two sets of errors, options and habits, and an agent that copies whichever it saw last.',
  severity: 'error',
  scope: 'file',
  options: (z) => z.strictObject({}),
  check: (path, context) => {
    if (context.architecture.capabilities.length === 0) return []
    const own = context.workspace.packageOf(path)?.name
    return context.workspace.edgesOf(path).flatMap((edge) => {
      const { target } = edge
      const name =
        target.kind === 'external' || target.kind === 'builtin' ? target.name : target.kind === 'file' ? target.byName : null
      const capability =
        name === null
          ? undefined
          : context.architecture.capabilities.find((entry) => entry['instead-of'].includes(name) && entry.use !== own)
      return capability === undefined || name === null ? [] : [report(edge, { name, capability, context })]
    })
  },
})

interface Banned {
  readonly name: string
  readonly capability: Capability
  readonly context: RuleContext<unknown>
}

function report(edge: Edge, { name, capability, context }: Banned): RawFinding {
  const { workspace } = context
  const node = workspace.packageByName.get(capability.use)
  const entry = node === undefined ? null : workspace.entryOf(node)
  const api =
    entry === null ? [] : [...offeredNames(workspace, entry).values()].filter((item) => !item.isType).map((item) => item.name)
  const offers =
    capability.how ??
    (api.length > 0 ? `it offers ${api.slice(0, 4).join(', ')}${entry === null ? '' : ` (${entry})`}` : 'read its README')
  const rewrite = capability['same-api'] ? toCanonical(edge, { name, capability, context }) : null
  return {
    file: edge.from,
    line: edge.fact.line,
    column: edge.fact.column,
    what: `Imports ${name}; ${capability.name} in this repository is ${capability.use}`,
    fix: [
      `Import ${capability.use} instead: ${offers}.`,
      `Remove ${name} from ${workspace.packageOf(edge.from)?.dir || '.'}/package.json and add ${capability.use}.`,
      `If ${capability.use} cannot do this, add it there, so that the next one finds it.`,
    ],
    anchor: `library ${name}`,
    ...(rewrite && { rewrite }),
  }
}

function toCanonical(edge: Edge, { capability, context }: Banned): Rewrite | null {
  const quoted = context.workspace.textOf(edge.from).slice(edge.fact.start, edge.fact.end)
  if (quoted.slice(1, -1) !== edge.fact.from) return null
  return {
    edits: [
      {
        file: edge.from,
        start: edge.fact.start,
        end: edge.fact.end,
        was: quoted,
        text: `${quoted[0]}${capability.use}${quoted[0]}`,
      },
    ],
  }
}
