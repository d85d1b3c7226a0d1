/** How a schema library is written: the code of a message has to run where it is read. */
export interface SchemaLibrary {
  readonly name: string
  readonly object: (members: string) => string
  readonly infer: (schema: string) => string
  readonly parse: (schema: string, value: string) => string
  readonly safeParse: (schema: string, value: string) => string
  /** The code for `string`, `number`, `boolean`, `unknown`. */
  readonly plain: (type: string) => string
  readonly list: (item: string) => string
  readonly optional: (code: string) => string
}

const zod: SchemaLibrary = {
  name: 'zod',
  object: (members) => `z.object({ ${members} })`,
  infer: (schema) => `z.infer<typeof ${schema}>`,
  parse: (schema, value) => `${schema}.parse(${value})`,
  safeParse: (schema, value) => `${schema}.safeParse(${value})`,
  plain: (type) => `z.${type}()`,
  list: (item) => `z.array(${item})`,
  optional: (code) => `${code}.optional()`,
}
const valibot: SchemaLibrary = {
  name: 'valibot',
  object: (members) => `v.object({ ${members} })`,
  infer: (schema) => `v.InferOutput<typeof ${schema}>`,
  parse: (schema, value) => `v.parse(${schema}, ${value})`,
  safeParse: (schema, value) => `v.safeParse(${schema}, ${value})`,
  plain: (type) => `v.${type}()`,
  list: (item) => `v.array(${item})`,
  optional: (code) => `v.optional(${code})`,
}
const effect: SchemaLibrary = {
  name: 'effect',
  object: (members) => `Schema.Struct({ ${members} })`,
  infer: (schema) => `typeof ${schema}.Type`,
  parse: (schema, value) => `Schema.decodeUnknownSync(${schema})(${value})`,
  safeParse: (schema, value) => `Schema.decodeUnknownEither(${schema})(${value})`,
  plain: (type) => `Schema.${type.charAt(0).toUpperCase()}${type.slice(1)}`,
  list: (item) => `Schema.Array(${item})`,
  optional: (code) => `Schema.optional(${code})`,
}
const typebox: SchemaLibrary = {
  name: '@sinclair/typebox',
  object: (members) => `Type.Object({ ${members} })`,
  infer: (schema) => `Static<typeof ${schema}>`,
  parse: (schema, value) => `Value.Parse(${schema}, ${value})`,
  safeParse: (schema, value) => `Value.Check(${schema}, ${value})`,
  plain: (type) => `Type.${type.charAt(0).toUpperCase()}${type.slice(1)}()`,
  list: (item) => `Type.Array(${item})`,
  optional: (code) => `Type.Optional(${code})`,
}

/** The first of these that a package depends on; zod where it is none of them. */
export function libraryOf(dependencies: readonly string[]): SchemaLibrary {
  return [zod, valibot, effect, typebox].find(({ name }) => dependencies.includes(name)) ?? zod
}

/** A schema for a type as its source says it; members that are not plain are left to the reader as `…`. */
export function schemaCode(type: string, library: SchemaLibrary): string {
  const text = type.trim()
  const list = /^(?:readonly\s+)?(.+)\[\]$/s.exec(text)?.[1] ?? /^(?:Readonly)?Array<(.+)>$/s.exec(text)?.[1]
  if (list !== undefined && !/[|&]/.test(list)) return library.list(schemaCode(list, library))
  if (/^(?:string|number|boolean|unknown)$/.test(text)) return library.plain(text)
  const members = /^\{(.*)\}$/s.exec(text)?.[1]
  return members === undefined ? '…' : library.object(memberCodes(members, library))
}

function memberCodes(text: string, library: SchemaLibrary): string {
  const codes = splitMembers(text).flatMap((member) => {
    const [, name, mark, type = ''] = /^(?:readonly\s+)?([\w$]+|'[^']*'|"[^"]*")(\?)?\s*:\s*(.+)$/s.exec(member) ?? []
    if (name === undefined) return []
    const code = schemaCode(type, library)
    return [`${name}: ${mark === '?' && code !== '…' ? library.optional(code) : code}`]
  })
  return codes.length === 0 ? '…' : codes.join(', ')
}

/** Members end at `;`, `,` or a line's end, outside all brackets. */
function splitMembers(text: string): string[] {
  const members: string[] = []
  let depth = 0
  let start = 0
  const plain = text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, (comment) => ' '.repeat(comment.length))
  for (let at = 0; at <= plain.length; at++) {
    const sign = plain.charAt(at)
    if ('{[(<'.includes(sign) && sign !== '') depth++
    else if ('}])>'.includes(sign) && sign !== '') depth--
    else if ((sign === ';' || sign === ',' || sign === '\n' || sign === '') && depth === 0) {
      members.push(plain.slice(start, at).trim())
      start = at + 1
    }
  }
  return members.filter((member) => member !== '')
}
