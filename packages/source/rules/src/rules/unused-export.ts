import { defineRule } from '../rule.ts'
import { testFiles } from '../site-rule.ts'
import { usedNames } from './used-names.ts'
import { isStartedElsewhere } from './started-elsewhere.ts'

export const unusedExport = defineRule({
  id: 'unused-export',
  why: 'An export nobody imports is read, kept working and copied by agents as if it mattered.',
  severity: 'off',
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
    if (facts?.kind !== 'source' || facts.exports.length === 0 || workspace.isEntry(path) || isStartedElsewhere(path)) return []
    const used = usedNames(workspace, path)
    if (used === 'all' || workspace.importersOf(path).size === 0) return []
    const unused = facts.exports.filter(
      (entry) => !used.has(entry.name) && (options.types || !entry.isType) && !options.allow.includes(entry.name),
    )
    const text = unused.length === 0 ? '' : workspace.textOf(path)
    return unused.map((entry) => {
      const isUsedHere = text.split(new RegExp(`\\b${entry.name.replace(/\$/g, '\\$')}\\b`)).length > 2
      return {
        file: path,
        line: entry.line,
        column: 1,
        what: `${entry.name} is exported, and no file of this repository imports it`,
        fix: isUsedHere
          ? [`Remove the word \`export\`: only this file uses ${entry.name}.`]
          : [
              `Delete ${entry.name}.`,
              `If other repositories use it, export it from the entry of ${workspace.packageOf(path)?.name ?? 'its package'}.`,
            ],
        anchor: `export ${entry.name}`,
      }
    })
  },
})
