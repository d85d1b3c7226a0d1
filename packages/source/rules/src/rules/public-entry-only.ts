import { pathAsWord } from '@coxswain/facts'
import { joinPath, type Edge } from '@coxswain/graph'
import { testFiles } from '../site-rule.ts'
import { defineRule, type RawFinding, type RuleContext } from '../rule.ts'
import type { Rewrite } from '../rewrite.ts'
import { offeredNames } from './offered-names.ts'

export const publicEntryOnly = defineRule({
  id: 'public-entry-only',
  why: 'Whoever imports a package’s inside makes every file of it public: nothing there can be renamed any more.',
  severity: 'warning',
  scope: 'file',
  exclude: testFiles,
  options: (z) => z.strictObject({}),
  check: (path, context) => {
    // Components of other languages are left alone.
    if (context.workspace.facts.get(path)?.kind === 'other') return []
    const own = context.workspace.packageOf(path)
    return context.workspace.edgesOf(path).flatMap((edge) => {
      // A manifest is data that everybody may read: its name and version are public.
      if (edge.target.kind !== 'file' || edge.fact.form === 'mention' || edge.target.path.endsWith('package.json')) return []
      const other = context.workspace.packageOf(edge.target.path)
      const isByPath =
        edge.target.byName === null &&
        edge.fact.from.startsWith('.') &&
        other !== own &&
        other?.name != null &&
        other.isMember &&
        own?.isMember === true &&
        other.dir !== '' &&
        own.dir !== '' &&
        !other.dir.startsWith(`${own.dir}/`) &&
        !own.dir.startsWith(`${other.dir}/`)
      return (edge.target.isDeep && other !== own) || isByPath ? [report(edge, context)] : []
    })
  },
})

function report(edge: Edge, context: RuleContext<unknown>): RawFinding {
  const { workspace } = context
  const target = edge.target.kind === 'file' ? edge.target.path : ''
  const node = workspace.packageOf(target)
  const name = node?.name ?? ''
  const entry = node === null ? null : workspace.entryOf(node)
  const offered = entry === null ? null : offeredNames(workspace, entry)
  const missing = edge.fact.names.filter((item) => item === '*' || offered?.has(item) !== true)
  const rewrite = missing.length === 0 && edge.fact.names.length > 0 ? toEntry(edge, name, context) : null
  const names = edge.fact.names.slice(0, 3).join(', ') || 'it'
  return {
    file: edge.from,
    line: edge.fact.line,
    column: edge.fact.column,
    what:
      target === entry
        ? `Imports ${names} from ${edge.fact.from}: ${name} by its path, not by its name`
        : `Imports ${names} from ${edge.fact.from}, a file inside ${name} that it does not offer`,
    fix:
      missing.length === 0
        ? [
            `Write \`from '${name}'\`: it exports ${names} already. \`cox check ${pathAsWord(edge.from)} --rule public-entry-only --fix\` does it.`,
          ]
        : [
            `Export ${missing.join(', ')} from ${isSource(entry) ? entry : `the entry of ${name}`}, then write \`from '${name}'\`.`,
            `If ${missing.join(', ')} is private on purpose, ask ${name} for a function that does what you need, or move it into a package both may import.`,
          ],
    anchor: `entry ${edge.fact.from}`,
    ...(rewrite && { rewrite }),
  }
}

function isSource(entry: string | null): boolean {
  return entry !== null && /(?<!\.d)\.[cm]?tsx?$/.test(entry)
}

function toEntry(edge: Edge, name: string, { workspace }: RuleContext<unknown>): Rewrite | null {
  const quoted = workspace.textOf(edge.from).slice(edge.fact.start, edge.fact.end)
  const own = workspace.packageOf(edge.from)
  const isDeclared =
    own !== null &&
    (own.manifest.dependencies[name] ?? own.manifest.devDependencies[name] ?? own.manifest.peerDependencies[name]) !== undefined
  if (!isDeclared || quoted.slice(1, -1) !== edge.fact.from || joinPath('', name) === '') return null
  return {
    edits: [
      { file: edge.from, start: edge.fact.start, end: edge.fact.end, was: quoted, text: `${quoted[0]}${name}${quoted[0]}` },
    ],
  }
}
