import { defineRule } from '../rule.ts'
import { testFiles } from '../site-rule.ts'

export const noBarrel = defineRule({
  id: 'no-barrel',
  why: '`export *` hides what a package offers, and loads all of it for whoever wants one name.',
  severity: 'off',
  scope: 'file',
  exclude: testFiles,
  options: (z) =>
    z.strictObject({
      /** Whether an entry may pass whole modules on. */
      entries: z.boolean().default(false),
    }),
  check: (path, { workspace, options }) => {
    const facts = workspace.facts.get(path)
    if (facts?.kind !== 'source' || (options.entries && workspace.isEntry(path))) return []
    return workspace.edgesOf(path).flatMap(({ fact, target }) => {
      if (fact.form !== 'reexport-all') return []
      const names = target.kind === 'file' ? (workspace.facts.get(target.path)?.exports ?? []).map((entry) => entry.name) : []
      return [
        {
          file: path,
          line: fact.line,
          column: fact.column,
          what: `Passes on everything of ${fact.from}${names.length === 0 ? '' : `: ${names.length} ${names.length === 1 ? 'name' : 'names'}`}`,
          fix: [
            `Name what is offered: \`export { ${names.slice(0, 3).join(', ') || '…'} } from '${fact.from}'\`.`,
            workspace.isEntry(path)
              ? 'Leave out what nobody outside uses.'
              : `Delete this line and let importers name ${fact.from} themselves.`,
          ],
          anchor: `barrel ${fact.from}`,
        },
      ]
    })
  },
})
