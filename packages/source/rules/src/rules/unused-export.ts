import type { ExportFact } from '@coxswain/facts'
import type { Rewrite } from '../rewrite.ts'
import { defineRule } from '../rule.ts'
import { testFiles } from '../site-rule.ts'
import { usedNames } from './used-names.ts'
import { isStartedElsewhere } from './started-elsewhere.ts'

export const unusedExport = defineRule({
  id: 'unused-export',
  why: 'An export nobody imports is read, kept working and copied by agents as if it mattered.',
  severity: 'warning',
  scope: 'file',
  exclude: testFiles,
  options: (z) =>
    z.strictObject({
      /** Types are often exported for readers of declarations. */
      types: z.boolean().default(false),
      /** Names that frameworks look up. */
      allow: z.array(z.string()).default([]),
    }),
  check: (path, { workspace, options }) => {
    const facts = workspace.facts.get(path)
    if (facts?.kind !== 'source' || facts.exports.length === 0 || workspace.isEntry(path)) return []
    const used = usedNames(workspace, path)
    if (used === 'all' || workspace.importersOf(path).size === 0) return []
    const unused = facts.exports.filter(
      (entry) => !used.has(entry.name) && (options.types || !entry.isType) && !options.allow.includes(entry.name),
    )
    if (unused.length === 0 || isStartedElsewhere(path)) return []
    const text = workspace.textOf(path)
    return unused.map((entry) => {
      const isDefault = entry.name === 'default'
      const label = isDefault ? 'the default export' : entry.name
      const isUsedHere =
        entry.from === undefined && !isDefault && text.split(new RegExp(`\\b${entry.name.replace(/\$/g, '\\$')}\\b`)).length > 2
      const rewrite = isUsedHere ? withoutWord(path, text, entry) : null
      return {
        file: path,
        line: entry.line,
        column: 1,
        what: isDefault
          ? 'The default export is one that no file of this repository imports'
          : `${entry.name} is exported, and no file of this repository imports it`,
        fix: isUsedHere
          ? [`Remove the word \`export\`: only this file uses ${entry.name}.`]
          : [
              entry.from === undefined ? `Delete ${label}.` : `Delete ${label} from the export of ${entry.from}.`,
              `If other repositories use it, export it from the entry of ${workspace.packageOf(path)?.name ?? 'its package'}.`,
            ],
        anchor: `export ${entry.name}`,
        ...(rewrite && { rewrite }),
      }
    })
  },
})

/** Certain where the word stands before the one declaration of the name. */
function withoutWord(path: string, text: string, { name, line }: ExportFact): Rewrite | null {
  const plain = name.replace(/\$/g, '\\$')
  const declaration = new RegExp(
    `^export (?=(?:async )?(?:function\\*? ?|const |let |abstract class |class |enum |type |interface )${plain}\\b)`,
    'gm',
  )
  const [only, ...others] = [...text.matchAll(declaration)]
  if (only === undefined || others.length > 0 || text.slice(0, only.index).split('\n').length !== line) return null
  return { edits: [{ file: path, start: only.index, end: only.index + only[0].length, was: only[0], text: '' }] }
}
