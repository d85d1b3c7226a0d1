import { defineRule } from '../rule.ts'
import { testFiles } from '../site-rule.ts'

export const namedAfterExport = defineRule({
  id: 'named-after-export',
  why: 'When a file is named after what it exports, a name seen anywhere leads to its file without a search.',
  severity: 'off',
  scope: 'file',
  exclude: [...testFiles, '**/index.*', '**/main.*'],
  options: (z) => z.strictObject({}),
  check: (path, { workspace }) => {
    const facts = workspace.facts.get(path)
    if (facts?.kind !== 'source' || facts.exports.length === 0) return []
    const stem = path.slice(path.lastIndexOf('/') + 1).split('.')[0] ?? ''
    const wanted = plain(stem)
    if (facts.exports.some(({ name }) => name === 'default' || isNamedAfter(wanted, plain(name)))) return []
    const main = facts.exports.find((entry) => !entry.isType)?.name ?? facts.exports[0]?.name ?? ''
    const names = [...new Set(facts.exports.map((entry) => entry.name))]
    const kebab = main.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase()
    return [
      {
        file: path,
        line: 1,
        column: 1,
        what: `${stem} exports ${names.slice(0, 3).join(', ')}, ${names.length === 1 ? 'which it is not' : 'none of which it is'} named after`,
        fix: [
          `Rename the file to ${kebab}${path.slice(path.lastIndexOf('.'))}, after its main export ${main}.`,
          `Or move ${main} to the file of that name, if there is one.`,
        ],
        anchor: `named ${stem}`,
      },
    ]
  },
})

function plain(name: string): string {
  return (sign.test(name) ? name.replaceAll(signs, '') : name).toLowerCase()
}

const sign = /[-_$]/
const signs = /[-_$]+/g

function isNamedAfter(file: string, exported: string): boolean {
  return exported.includes(file) || file.includes(exported) || exported.startsWith(file.slice(0, -1))
}
