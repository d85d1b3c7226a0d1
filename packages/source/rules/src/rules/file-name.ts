import { pathAsWord } from '@coxswain/facts'
import { joinPath, type Workspace } from '@coxswain/graph'
import type { Rewrite, TextEdit } from '../rewrite.ts'
import { defineRule } from '../rule.ts'

export const fileName = defineRule({
  id: 'file-name',
  why: 'One spelling of names lets people and tools guess a path; two spellings break on case-blind disks.',
  severity: 'off',
  scope: 'file',
  options: (z) =>
    z.strictObject({
      case: z.enum(['kebab', 'camel', 'pascal', 'snake']).default('kebab'),
      components: z.enum(['kebab', 'camel', 'pascal', 'snake']).optional(),
    }),
  check: (path, { workspace, options }) => {
    const facts = workspace.facts.get(path)
    const base = path.slice(path.lastIndexOf('/') + 1)
    if (facts?.kind !== 'source' || base.startsWith('_') || base.startsWith('[') || base.startsWith('$') || base.startsWith('+'))
      return []
    const stem = base.slice(0, base.indexOf('.'))
    const wanted = spell(stem, (path.endsWith('x') ? options.components : undefined) ?? options.case)
    if (stem === wanted || stem === '') return []
    const to = path.slice(0, path.lastIndexOf('/') + 1) + wanted + base.slice(stem.length)
    const importers = [...workspace.importersOf(path)].toSorted()
    const rewrite = workspace.facts.has(to) ? null : renameRewrite({ from: path, to, workspace, importers })
    return [
      {
        file: path,
        line: 1,
        column: 1,
        what: `${base} is not ${options.case}-case; ${importers.length === 1 ? '1 file imports' : `${importers.length} files import`} it`,
        fix: [
          `Rename it: \`git mv ${path} ${to}\`${importers.length === 0 ? '' : `, and change the import in ${importers.slice(0, 3).join(', ')}${importers.length > 3 ? ', …' : ''}`}.`,
          ...(rewrite === null ? [] : [`\`cox check ${pathAsWord(path)} --rule file-name --fix\` does both.`]),
        ],
        anchor: `name ${base}`,
        ...(rewrite && { rewrite }),
      },
    ]
  },
})

function spell(stem: string, style: 'kebab' | 'camel' | 'pascal' | 'snake'): string {
  if (style === 'kebab' && isKebab.test(stem)) return stem
  const words = stem
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .split(/[\s_-]+/)
    .filter((word) => word !== '')
  const lower = words.map((word) => word.toLowerCase())
  if (style === 'kebab') return lower.join('-')
  if (style === 'snake') return lower.join('_')
  const capital = lower.map((word) => word.charAt(0).toUpperCase() + word.slice(1))
  return style === 'pascal' ? capital.join('') : [lower[0], ...capital.slice(1)].join('')
}

const isKebab = /^[a-z0-9]+(?:-[a-z0-9]+)*$/

interface Renaming {
  readonly from: string
  readonly to: string
  readonly workspace: Workspace
  readonly importers: readonly string[]
}

/** Only when every importer names the file by a relative path: other spellings may be resolved in ways not seen here. */
function renameRewrite({ from, to, workspace, importers }: Renaming): Rewrite | null {
  const edits: TextEdit[] = []
  const [oldStem, newStem] = [from, to].map((path) => path.slice(path.lastIndexOf('/') + 1).split('.')[0] ?? '')
  for (const importer of importers) {
    const text = workspace.textOf(importer)
    for (const { fact, target } of workspace.edgesOf(importer)) {
      if (target.kind !== 'file' || target.path !== from) continue
      const was = text.slice(fact.start, fact.end)
      const at = was.lastIndexOf(oldStem ?? '')
      if (!fact.from.startsWith('.') || was.slice(1, -1) !== fact.from || at === -1 || joinPath('', fact.from) === '') return null
      edits.push({
        file: importer,
        start: fact.start,
        end: fact.end,
        was,
        text: was.slice(0, at) + newStem + was.slice(at + (oldStem ?? '').length),
      })
    }
  }
  return { edits, moves: [{ from, to }] }
}
