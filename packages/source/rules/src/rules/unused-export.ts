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
    const code = readCode(workspace.textOf(path))
    return unused.map((entry) => {
      const isDefault = entry.name === 'default'
      const label = isDefault ? 'the default export' : entry.name
      const local = entry.from === undefined ? code.listed.get(entry.name) : undefined
      const isUsedHere = entry.from === undefined && !isDefault && (code.uses.get(local ?? entry.name) ?? 0) > 1
      const rewrite = isUsedHere ? withoutWord(path, code, entry) : null
      return {
        file: path,
        line: entry.line,
        column: 1,
        what: isDefault
          ? 'The default export is one that no file of this repository imports'
          : `${entry.name} is exported, and no file of this repository imports it`,
        fix: isUsedHere
          ? [adviceToKeep(entry.name, local)]
          : [
              adviceToDelete(entry, { label, local }),
              `If other repositories use it, export it from the entry of ${workspace.packageOf(path)?.name ?? 'its package'}.`,
            ],
        anchor: `export ${entry.name}`,
        ...(rewrite && { rewrite }),
        claim: { kind: 'export', subject: label, names: isDefault ? [] : [entry.name] },
      }
    })
  },
})

/** `local` is what the file itself calls a name that it exports in a list. */
function adviceToKeep(name: string, local: string | undefined): string {
  return local === undefined
    ? `Remove the word \`export\`: only this file uses ${name}.`
    : `Take ${name} out of \`export { … }\`: only this file uses ${local}.`
}

function adviceToDelete(
  { from }: ExportFact,
  { label, local }: { readonly label: string; readonly local: string | undefined },
): string {
  if (from !== undefined) return `Delete ${label} from the export of ${from}.`
  if (local === undefined) return `Delete ${label}.`
  return `Delete ${local === label ? label : `${local}, which is exported as ${label}`}, there and in \`export { … }\`.`
}

interface Code {
  /** How often each word stands there; names in lists of exports are no uses. */
  readonly uses: ReadonlyMap<string, number>
  /** By each name that a list exports: what it is called in the file. */
  readonly listed: ReadonlyMap<string, string>
  readonly declarations: ReadonlyMap<string, readonly Declaration[]>
}

interface Declaration {
  readonly line: number
  readonly start: number
  readonly word: string
}

/** Read once, however many exports are unused: a file may have ten thousand. */
function readCode(text: string): Code {
  const uses = new Map<string, number>()
  for (const [word] of text.matchAll(/[\w$\u0080-\uffff]+/g)) uses.set(word, (uses.get(word) ?? 0) + 1)
  const listed = new Map<string, string>()
  for (const [list, names = ''] of text.matchAll(exportList)) {
    for (const [, local = '', name = local] of names.matchAll(listedName)) listed.set(name, local)
    for (const [word] of list.matchAll(/[\w$\u0080-\uffff]+/g)) uses.set(word, (uses.get(word) ?? 0) - 1)
  }
  const declarations = new Map<string, Declaration[]>()
  let [line, counted] = [1, 0]
  for (const match of text.matchAll(declaration)) {
    for (; counted < match.index; counted++) if (text.charCodeAt(counted) === newline) line++
    const [, word = '', name = ''] = match
    const found = { line, start: match.index, word }
    const same = declarations.get(name)
    if (same === undefined) declarations.set(name, [found])
    else same.push(found)
  }
  return { uses, listed, declarations }
}

/** Of the file's own names. */
const exportList = /^export (?:type )?\{([^{}]*)\}(?!\s*from\b)/gm
const listedName = /(?:\btype\s+)?([\w$\u0080-\uffff]+)(?:\s+as\s+([\w$\u0080-\uffff]+))?\s*(?:,|$)/g

const newline = 10
const declaration =
  /^(export )(?:(?:async )?function\*? ?|const |let |abstract class |class |enum |type |interface )([\w$\u0080-\uffff]+)/gm

/** Certain where the word stands before the one declaration of the name. */
function withoutWord(path: string, { declarations }: Code, { name, line }: ExportFact): Rewrite | null {
  const [only, ...others] = declarations.get(name) ?? []
  if (only === undefined || others.length > 0 || only.line !== line) return null
  const { start, word } = only
  return { edits: [{ file: path, start, end: start + word.length, was: word, text: '' }] }
}
