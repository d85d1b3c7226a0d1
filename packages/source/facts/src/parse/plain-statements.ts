import type { ModuleExport, ModuleImport } from './module-record.ts'

// In the parser's lazy record each name of a list takes several objects, and most statements are of few forms. What these functions
// cannot tell from the text they leave to the record.

/** What an import brings in, of its text up to the module's name; null unless it is a list of names in braces. */
export function readPlainImport(clause: string): Pick<ModuleImport, 'names' | 'isType'> | null {
  const [whole, type, list = ''] = importShape.exec(clause) ?? []
  const items = whole === undefined ? null : readItems(list)
  if (items === null) return null
  const isType = type !== undefined || (items.length > 0 && items.every((item) => item.isType))
  return { names: items.map((item) => item.name), isType }
}

const importShape = /^import (type )?\{([\w$\s,]*)\}\s*from\s*$/

/** A declaration that is exported under its own name. */
export function readPlainExport(text: string, statement: number): (ModuleExport & { readonly isVariable: boolean }) | null {
  exportShape.lastIndex = statement
  const found = exportShape.exec(text)
  if (found === null) return null
  const [, variable, type, name = ''] = found
  const start = statement + exportWord.length
  return { name, start, isType: type !== undefined, from: null, isVariable: variable !== undefined }
}

const exportWord = 'export '
const exportShape =
  /export (?:(?:async )?function|class|enum|(const|let|var)|(interface|type)) (?!enum\b)([A-Za-z_$][\w$]*)(?=[\s:=;,({<])/y

export interface Reexport {
  readonly taken: ModuleImport
  readonly exports: readonly ModuleExport[]
}

/** A list of names that is passed on from another module. */
export function readPlainReexport(text: string, statement: number): Reexport | null {
  reexportShape.lastIndex = statement
  const found = reexportShape.exec(text)
  if (found === null) return null
  const [whole, type = '', list = '', , from = ''] = found
  const items = readItems(list)
  if (items === null || items.length === 0) return null
  const first = statement + exportWord.length + type.length + 1
  const exports = items.map((item) => ({
    name: item.exported,
    start: first + item.at,
    isType: type !== '' || item.isType,
    from,
  }))
  const end = statement + whole.length
  const isType = exports.every((entry) => entry.isType)
  const names = items.map((item) => item.name)
  return { taken: { from, form: 'reexport', statement, start: end - from.length - 2, end, names, isType }, exports }
}

const reexportShape = /export (type )?\{([\w$\s,]*)\}\s*from\s*(['"])([^'"\\\n]+)\3/y

interface Item {
  readonly name: string
  readonly exported: string
  readonly isType: boolean
  readonly at: number
}

/** The names of a list, such as `a, type B, c as d`; null for what is not one. */
function readItems(list: string): Item[] | null {
  const items: Item[] = []
  const end = list.trimEnd().length
  for (itemShape.lastIndex = 0; itemShape.lastIndex < end;) {
    const from = itemShape.lastIndex
    const found = itemShape.exec(list)
    if (found === null) return null
    const [, space = '', type, name = '', exported = name] = found
    items.push({ name, exported, isType: type !== undefined, at: from + space.length })
  }
  return items
}

/** `type` is a name too: where the rest asks for it, the expression goes back on having read it as a word of the language. */
const itemShape = /(\s*)(?:(type)\s+)?([A-Za-z_$][\w$]*)(?:\s+as\s+([A-Za-z_$][\w$]*))?\s*(?:,|$)/y
