/** What a schema found wrong, as far as it is read here: an issue of zod. Its own words are for programmers. */
export interface SchemaIssue {
  readonly code: string
  readonly message: string
  readonly path: readonly PropertyKey[]
  readonly expected?: string
  readonly origin?: string
  readonly minimum?: number | bigint
  readonly maximum?: number | bigint
  readonly inclusive?: boolean
  readonly values?: readonly unknown[]
  readonly keys?: readonly string[]
  readonly errors?: readonly (readonly SchemaIssue[])[]
  readonly issues?: readonly SchemaIssue[]
}

/** One issue for whoever wrote the value: what to write, and what stands there. `root` is the value that the schema was given. */
export function explainIssue(issue: SchemaIssue, root: unknown): string {
  return explain(issue, valueAt(root, issue.path))
}

/** Every issue, each after the place of its value. */
export function explainIssues(issues: readonly SchemaIssue[], root: unknown): string {
  return issues
    .map((issue) => `${issue.path.length === 0 ? '' : `${issue.path.map(String).join('.')}: `}${explainIssue(issue, root)}`)
    .join('; ')
}

function explain(issue: SchemaIssue, value: unknown): string {
  const instead = value === undefined ? '; it is missing' : `, not ${describe(value)}`
  switch (issue.code) {
    case 'invalid_type':
      return `write ${isOwn(issue) ? issue.message : (nouns[issue.expected ?? ''] ?? issue.expected ?? 'another value')}${instead}`
    case 'invalid_value':
      return `write ${choices((issue.values ?? []).map((choice) => JSON.stringify(choice)))}${instead}`
    case 'too_small':
      return isOwn(issue) ? issue.message : `write ${atLeast(issue)}${instead}`
    case 'too_big':
      return isOwn(issue)
        ? issue.message
        : `write ${amount(issue, issue.maximum, issue.inclusive === false ? 'less than' : 'at most')}${instead}`
    case 'unrecognized_keys':
      return `unknown ${issue.keys?.length === 1 ? 'key' : 'keys'} ${(issue.keys ?? []).map((key) => JSON.stringify(key)).join(', ')}`
    case 'invalid_union':
      return explainUnion(issue.errors ?? [], value, instead)
    case 'invalid_key':
    case 'invalid_element':
      return explainFirst(issue.issues ?? [], value) ?? `${describe(value)} cannot stand here`
    case 'invalid_format':
      return isOwn(issue) ? issue.message : `${describe(value)} does not have the form that is needed here`
    default:
      return isOwn(issue) ? issue.message : `${describe(value)} cannot stand here`
  }
}

/** A schema may say it better; what it does not say begins with these words. */
function isOwn({ message }: SchemaIssue): boolean {
  return !/^(?:Invalid |Too |Unrecognized |Required)/.test(message)
}

const nouns: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'keys with values',
  record: 'keys with values',
  null: 'null',
}

function describe(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'keys with values'
  const text = JSON.stringify(value) ?? typeof value
  const short = text.length > 60 ? `${text.slice(0, 60)}…` : text
  return typeof value === 'number' ? `the number ${short}` : short
}

function choices(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? 'another value') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}

function atLeast(issue: SchemaIssue): string {
  if (issue.origin !== 'number' && issue.origin !== 'int' && Number(issue.minimum) === 1)
    return issue.origin === 'string' ? 'something here' : 'at least one entry'
  return amount(issue, issue.minimum, issue.inclusive === false ? 'more than' : 'at least')
}

function amount({ origin }: SchemaIssue, limit: number | bigint | undefined, words: string): string {
  const unit = origin === 'string' ? ' characters' : origin === 'array' ? ' entries' : ''
  return `${unit === '' ? 'a number of ' : ''}${words} ${limit}${unit}`
}

/** A branch that fits the kind of the value says what is wrong with it; where none does, each says what it would take. */
function explainUnion(branches: readonly (readonly SchemaIssue[])[], value: unknown, instead: string): string {
  const isOfKind = ([first]: readonly SchemaIssue[]): boolean =>
    first !== undefined && !(first.path.length === 0 && (first.code === 'invalid_type' || first.code === 'invalid_value'))
  const fitting = branches.find(isOfKind)
  if (fitting !== undefined) return explainFirst(fitting, value) ?? 'write another value'
  const words = branches.flatMap(([first]) =>
    first === undefined
      ? []
      : first.code === 'invalid_value'
        ? (first.values ?? []).map((choice) => JSON.stringify(choice))
        : [isOwn(first) ? first.message : (nouns[first.expected ?? ''] ?? first.expected ?? 'another value')],
  )
  return `write ${choices([...new Set(words)])}${instead}`
}

function explainFirst([first]: readonly SchemaIssue[], value: unknown): string | null {
  if (first === undefined) return null
  const place = first.path.length === 0 ? '' : `${first.path.map(String).join('.')}: `
  return `${place}${explain(first, valueAt(value, first.path))}`
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = Reflect.get(value, key)
  }
  return value
}
