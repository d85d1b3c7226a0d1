import type { ModuleImport } from './module-record.ts'

export interface TakenImports {
  /** The text with blanks in their place: nothing else moves. */
  readonly text: string
  readonly imports: readonly ModuleImport[]
}

/** So many the parser takes one after the other; of five times as many its time grows with their square, or it ends the program. */
const many = 2_000

/** The imports of a file that has thousands of them, read from the text alone; null for any other file. */
export function takeImports(text: string): TakenImports | null {
  if (text.length < many * 10 || !hasMany(text)) return null
  const imports: ModuleImport[] = []
  const rest = text.replace(statement, (whole: string, clause: string | undefined, quoted: string, at: number) => {
    const start = at + whole.lastIndexOf(quoted)
    const { names, isType } = readClause(clause ?? '')
    imports.push({ from: quoted.slice(1, -1), form: 'import', statement: at, start, end: start + quoted.length, names, isType })
    return whole.replace(/[^\r\n]/g, ' ')
  })
  return { text: rest, imports }
}

function hasMany(text: string): boolean {
  let count = 0
  for (let at = text.indexOf('\nimport'); at !== -1; at = text.indexOf('\nimport', at + 7)) if (++count >= many) return true
  return false
}

const statement = /^import\b(?![ \t]*[(.])([^'"`;()]*?\bfrom)?\s*('[^'\n]+'|"[^"\n]+")[ \t]*;?/gm

function readClause(clause: string): Pick<ModuleImport, 'names' | 'isType'> {
  const list =
    /\{([^}]*)\}/
      .exec(clause)?.[1]
      ?.split(',')
      .map((item) => item.trim()) ?? []
  const items = list.filter((item) => item !== '')
  const named = items.map((item) => /^(?:type\s+(?!as\b))?([^\s]+)/.exec(item)?.[1] ?? '')
  const before = clause.replace(/\{[^}]*\}/, '').replace(/\bfrom$/, '')
  const isType = /^\s*type\s+[{*\w]/.test(before.trim() === 'type' ? `${before} {` : before)
  const own = /^\s*(?:type\s+)?([\w$]+)/.exec(isType ? before.replace(/^\s*type\b/, '') : before)?.[1]
  const names = [...(own === undefined || own === 'as' ? [] : ['default']), ...(before.includes('*') ? ['*'] : []), ...named]
  return {
    names,
    isType: isType || (items.length > 0 && names.length === items.length && items.every((item) => item.startsWith('type '))),
  }
}
