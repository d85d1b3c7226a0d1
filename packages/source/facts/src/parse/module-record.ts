import { lazySchema } from '../lazy-schema.ts'
import { readPlainExport, readPlainImport, readPlainReexport } from './plain-statements.ts'

export interface ModuleRecord {
  readonly imports: readonly ModuleImport[]
  readonly exports: readonly ModuleExport[]
  /** Arguments of `import()` that are no plain name. */
  readonly computed: readonly { readonly start: number; readonly end: number }[]
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
}

interface Name {
  readonly kind: 'name' | 'default' | 'all' | 'none'
  readonly text: string
}
type ReadName = (raw: unknown) => Name

interface Reader {
  readonly readName: ReadName
  /** Whether each look at a field makes a new object: then the text is asked first. */
  readonly isLazy: boolean
}

/** The record as lazy trees give it: names are strings, or objects whose text is missing for `default`. */
export function readLazyModule(module: unknown, text: string): ModuleRecord {
  return readModule(module, text, { readName: readLazyName, isLazy: true })
}

function readLazyName(raw: unknown): Name {
  if (typeof raw === 'string') return { kind: raw === 'null' ? 'none' : 'all', text: '*' }
  const value = (raw as { readonly value?: string }).value
  return value === undefined ? { kind: 'default', text: 'default' } : { kind: 'name', text: value }
}

const publicName = lazySchema((z) => z.object({ kind: z.string(), name: z.string().nullable() }))

/** The record as the parser documents it. */
export function readPublicModule(module: unknown, text: string): ModuleRecord {
  return readModule(module, text, { readName: readPublicName, isLazy: false })
}

function readPublicName(raw: unknown): Name {
  const { kind, name } = publicName().parse(raw)
  if (kind === 'Default') return { kind: 'default', text: 'default' }
  if (kind === 'None') return { kind: 'none', text: '' }
  return kind === 'Name' ? { kind: 'name', text: name ?? 'default' } : { kind: 'all', text: '*' }
}

interface RawModule {
  readonly staticImports: readonly {
    readonly start: number
    readonly moduleRequest: RawRequest
    readonly entries: readonly { readonly importName: unknown; readonly isType: boolean }[]
  }[]
  readonly staticExports: readonly RawStatement[]
  readonly dynamicImports: readonly {
    readonly start: number
    readonly moduleRequest: { readonly start: number; readonly end: number }
  }[]
}
interface RawStatement {
  readonly start: number
  readonly entries: readonly RawExport[]
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
  readonly isType: boolean
}

/** Every look at a field of a lazy tree makes a new object: each is looked at once. */
interface ReadEntry {
  readonly start: number
  readonly request: { readonly value: string; readonly start: number; readonly end: number } | null
  readonly exported: Name
  readonly raw: RawExport
}

// The record comes from the parser's own native code for every file: a schema here would cost more than the parse.
function readModule(module: unknown, text: string, reader: Reader): ModuleRecord {
  const raw = module as RawModule
  const imports: ModuleImport[] = []
  for (const statement of raw.staticImports) imports.push(readImport(statement, text, reader))
  const exports: ModuleExport[] = []
  for (const statement of raw.staticExports)
    if (!reader.isLazy || !readPlain(statement, text, { imports, exports }))
      readExports(statement, reader.readName, { imports, exports })
  const computed: { start: number; end: number }[] = []
  for (const entry of raw.dynamicImports) {
    const plain = readDynamic(entry, text)
    if (plain !== null) imports.push(plain)
    else computed.push({ start: entry.moduleRequest.start, end: entry.moduleRequest.end })
  }
  return { imports, exports, computed }
}

/** False where the text alone does not say it. */
function readPlain(statement: RawStatement, text: string, { imports, exports }: Reading): boolean {
  const { start } = statement
  const declared = readPlainExport(text, start)
  if (declared !== null && (!declared.isVariable || statement.entries.length === 1)) {
    exports.push({ name: declared.name, start: declared.start, isType: declared.isType, from: null })
    return true
  }
  const passed = declared === null ? readPlainReexport(text, start) : null
  if (passed === null) return false
  imports.push(passed.taken)
  exports.push(...passed.exports)
  return true
}

interface Reading {
  readonly imports: ModuleImport[]
  readonly exports: ModuleExport[]
}

function readExports(statement: RawStatement, readName: ReadName, { imports, exports }: Reading): void {
  const entries = [...statement.entries].map((entry) => readEntry(entry, readName))
  for (const entry of entries) if (entry.exported.kind !== 'none') exports.push(readExport(entry))
  if (entries.some(({ request }) => request !== null)) imports.push(...readReexports(statement.start, entries, readName))
}

function readEntry(raw: RawExport, readName: ReadName): ReadEntry {
  const { moduleRequest, start } = raw
  const request =
    moduleRequest === null ? null : { value: moduleRequest.value, start: moduleRequest.start, end: moduleRequest.end }
  return { start, request, exported: readName(raw.exportName), raw }
}

function readImport(statement: RawModule['staticImports'][number], text: string, reader: Reader): ModuleImport {
  const { start: at, moduleRequest } = statement
  const { value, start, end } = moduleRequest
  const clause = text.slice(at, start)
  const { names, isType } = (reader.isLazy ? readPlainImport(clause) : null) ?? readImported(statement, clause, reader.readName)
  return { from: value, form: 'import', statement: at, start, end, names, isType }
}

function readImported(
  statement: RawModule['staticImports'][number],
  clause: string,
  readName: ReadName,
): Pick<ModuleImport, 'names' | 'isType'> {
  const entries = [...statement.entries]
  const names = entries.map((entry) => readName(entry.importName).text)
  return { names, isType: entries.length > 0 ? entries.every((entry) => entry.isType) : /^import\s+type\b/.test(clause) }
}

function readReexports(statement: number, entries: readonly ReadEntry[], readName: ReadName): ModuleImport[] {
  const passed = entries.filter(
    ({ request, start }) => request !== null && request.start > statement && start >= statement && start <= request.end,
  )
  const first = passed[0]
  if (first?.request == null) return []
  const { value, start, end } = first.request
  const names = passed.map(({ raw }) => readName(raw.importName).text)
  const isAll = names.length === 1 && first.exported.kind === 'none'
  const isType = passed.every(({ raw }) => raw.isType)
  return [{ from: value, form: isAll ? 'reexport-all' : 'reexport', statement, start, end, names, isType }]
}

function readExport({ exported, start, request, raw }: ReadEntry): ModuleExport {
  return { name: exported.text, start, isType: raw.isType, from: request?.value ?? null }
}

/** Null for a name that is put together at run time. */
function readDynamic(entry: RawModule['dynamicImports'][number], text: string): ModuleImport | null {
  const { start, end } = entry.moduleRequest
  const literal = /^(['"`])([^'"`$]+)\1$/.exec(text.slice(start, end))
  if (literal?.[2] === undefined) return null
  return { from: literal[2], form: 'dynamic', statement: entry.start, start, end, names: ['*'], isType: false }
}
