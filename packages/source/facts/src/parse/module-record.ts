import { z } from 'zod'

export interface ModuleRecord {
  readonly imports: readonly ModuleImport[]
  readonly exports: readonly ModuleExport[]
}

export interface ModuleImport {
  readonly from: string
  readonly form: 'import' | 'reexport' | 'reexport-all' | 'dynamic'
  readonly statement: number
  readonly start: number
  readonly end: number
  readonly names: readonly string[]
  readonly isType: boolean
}

export interface ModuleExport {
  readonly name: string
  readonly start: number
  readonly isType: boolean
  readonly from: string | null
  readonly local: string | null
}

interface Name {
  readonly kind: 'name' | 'default' | 'all' | 'none'
  readonly text: string
}
type ReadName = (raw: unknown) => Name

/** The record as lazy trees give it: names are strings, or objects whose text is missing for `default`. */
export function readLazyModule(module: unknown, text: string): ModuleRecord {
  return readModule(module, text, (raw) => {
    if (typeof raw === 'string') return { kind: raw === 'null' ? 'none' : 'all', text: '*' }
    const value = (raw as { readonly value?: string }).value
    return value === undefined ? { kind: 'default', text: 'default' } : { kind: 'name', text: value }
  })
}

const publicName = z.object({ kind: z.string(), name: z.string().nullable() })

/** The record as the parser documents it. */
export function readPublicModule(module: unknown, text: string): ModuleRecord {
  return readModule(module, text, (raw) => {
    const { kind, name } = publicName.parse(raw)
    if (kind === 'Default') return { kind: 'default', text: 'default' }
    if (kind === 'None') return { kind: 'none', text: '' }
    return kind === 'Name' ? { kind: 'name', text: name ?? 'default' } : { kind: 'all', text: '*' }
  })
}

interface RawModule {
  readonly staticImports: readonly {
    readonly start: number
    readonly moduleRequest: RawRequest
    readonly entries: readonly { readonly importName: unknown; readonly isType: boolean }[]
  }[]
  readonly staticExports: readonly { readonly start: number; readonly entries: readonly RawExport[] }[]
  readonly dynamicImports: readonly {
    readonly start: number
    readonly moduleRequest: { readonly start: number; readonly end: number }
  }[]
}
interface RawRequest {
  readonly value: string
  readonly start: number
  readonly end: number
}
interface RawExport {
  readonly start: number
  readonly moduleRequest: RawRequest | null
  readonly importName: unknown
  readonly exportName: unknown
  readonly localName: unknown
  readonly isType: boolean
}

// The record comes from the parser's own native code for every file: a schema here would cost more than the parse.
function readModule(module: unknown, text: string, readName: ReadName): ModuleRecord {
  const raw = module as RawModule
  const exports = raw.staticExports.flatMap((statement) => statement.entries.map((entry) => readExport(entry, readName)))
  const imports = [
    ...raw.staticImports.map((statement) => readImport(statement, text, readName)),
    ...raw.staticExports.flatMap((statement) => readReexports(statement, readName)),
    ...raw.dynamicImports.flatMap((entry) => readDynamic(entry, text)),
  ]
  return { imports, exports: exports.filter((entry) => entry !== null) }
}

function readImport(statement: RawModule['staticImports'][number], text: string, readName: ReadName): ModuleImport {
  const { value, start, end } = statement.moduleRequest
  const names = statement.entries.map((entry) => readName(entry.importName).text)
  const isType =
    statement.entries.length > 0
      ? statement.entries.every((entry) => entry.isType)
      : /^import\s+type\b/.test(text.slice(statement.start, start))
  return { from: value, form: 'import', statement: statement.start, start, end, names, isType }
}

function readReexports(statement: RawModule['staticExports'][number], readName: ReadName): ModuleImport[] {
  const passed = statement.entries.filter(
    (entry) =>
      entry.moduleRequest !== null &&
      entry.moduleRequest.start > statement.start &&
      entry.start >= statement.start &&
      entry.start <= entry.moduleRequest.end,
  )
  const first = passed[0]
  if (first?.moduleRequest == null) return []
  const { value, start, end } = first.moduleRequest
  const names = passed.map((entry) => readName(entry.importName).text)
  const isAll = names.length === 1 && readName(first.exportName).kind === 'none'
  return [
    {
      from: value,
      form: isAll ? 'reexport-all' : 'reexport',
      statement: statement.start,
      start,
      end,
      names,
      isType: passed.every((entry) => entry.isType),
    },
  ]
}

function readExport(entry: RawExport, readName: ReadName): ModuleExport | null {
  const name = readName(entry.exportName)
  if (name.kind === 'none') return null
  const local = readName(entry.localName)
  return {
    name: name.text,
    start: entry.start,
    isType: entry.isType,
    from: entry.moduleRequest?.value ?? null,
    local: local.kind === 'name' ? local.text : null,
  }
}

function readDynamic(entry: RawModule['dynamicImports'][number], text: string): ModuleImport[] {
  const { start, end } = entry.moduleRequest
  const literal = /^(['"`])([^'"`$]+)\1$/.exec(text.slice(start, end))
  if (literal?.[2] === undefined) return []
  return [{ from: literal[2], form: 'dynamic', statement: entry.start, start, end, names: ['*'], isType: false }]
}
