import picomatch from 'picomatch'
import type { Site } from '@coxswain/facts'
import type { Workspace } from '@coxswain/graph'
import { defineSiteRule, testFiles } from '../site-rule.ts'
import { libraryOf, schemaCode, type SchemaLibrary } from './schema-code.ts'

const forms = ['boundary-call', 'cast', 'any', 'unknown', 'env', 'type-guard'] as const

export const parseAtBoundary = defineSiteRule({
  id: 'parse-at-boundary',
  why: 'Data that was only asserted fails far from where it came in; parsed once, its type is true everywhere.',
  severity: 'off',
  exclude: testFiles,
  kinds: forms,
  options: (z) =>
    z.strictObject({
      /** Which forms count; the others need a house that has settled on schemas. */
      forms: z.array(z.enum(forms)).default(['boundary-call']),
      /** Files where outside data comes in. There, too, a schema has to follow. */
      boundaries: z.array(z.string()).default([]),
      /** Packages without a schema library are left alone, unless this is false. */
      onlyWithSchemas: z.boolean().default(true),
    }),
  accepts: (site, { path, context }) => {
    const boundaries = [...context.architecture.boundaries, ...context.options.boundaries]
    const isBoundary = boundaries.length > 0 && picomatch.isMatch(path, boundaries)
    if (context.options.onlyWithSchemas && !hasSchemas(path, context.workspace)) return false
    return context.options.forms.some((form) => form === site.kind) && (!isBoundary || site.kind === 'boundary-call')
  },
  describe: (site, { path, context }) => ({ what: say(site), fix: advise(site, expected(site, path, context.workspace)) }),
})

const libraries = [
  'zod',
  'valibot',
  'arktype',
  '@sinclair/typebox',
  'yup',
  'effect',
  'superstruct',
  'io-ts',
  'runtypes',
  'ajv',
  'joi',
  '@standard-schema/spec',
]

function hasSchemas(path: string, workspace: Workspace): boolean {
  const known = dependenciesOf(path, workspace)
  return libraries.some((name) => known.includes(name))
}

function dependenciesOf(path: string, workspace: Workspace): string[] {
  const manifest = workspace.packageOf(path)?.manifest
  return manifest === undefined
    ? []
    : [manifest.dependencies, manifest.devDependencies, manifest.peerDependencies].flatMap((list) => Object.keys(list))
}

function say(site: Site): string {
  switch (site.kind) {
    case 'boundary-call':
      return `${site.detail} returns any, and no schema looks at it`
    case 'cast':
      return `Casts to ${site.detail}: the compiler stops checking here`
    case 'any':
      return 'any switches the compiler off for everything it touches'
    case 'env':
      return `${site.detail} is read outside a boundary, unparsed`
    case 'type-guard':
      return `${site.detail} guesses a shape by hand`
    default:
      return 'unknown travels on without being parsed'
  }
}

/** What comes in, in code. */
interface Expected {
  readonly schema: string
  readonly library: SchemaLibrary
  /** Where the schema is, or the code that declares it. */
  readonly known: string
}

function expected(site: Site, path: string, workspace: Workspace): Expected {
  const library = libraryOf(dependenciesOf(path, workspace))
  const text = workspace.textOf(path)
  const stated = site.kind === 'boundary-call' ? statedType(text, site) : site.kind === 'cast' ? site.detail : null
  const exported = workspace.facts.get(path)?.exports.map((entry) => entry.name) ?? []
  const type = stated !== null && /^[A-Z]\w*$/.test(stated) ? stated : null
  const here = exported.filter((name) => name.endsWith('Schema'))
  const schema = type === null ? (stated === null ? here[0] : undefined) : here.find((name) => name === `${type}Schema`)
  if (schema !== undefined) return { schema, library, known: `${schema} is in this file.` }
  const name = type ?? nameAfter(path)
  const shape = stated === null ? '{}' : type === null ? stated : (declarationOf(type, text) ?? '{}')
  const code = schemaCode(shape, library)
  const declared = code === '…' ? library.object('…') : code
  return {
    schema: `${name}Schema`,
    library,
    known: `Declare what comes in: \`const ${name}Schema = ${declared}; type ${name} = ${library.infer(`${name}Schema`)}\`.`,
  }
}

function nameAfter(path: string): string {
  return (path.slice(path.lastIndexOf('/') + 1).split('.')[0] ?? 'value').replace(/(?:^|[-_])(\w)/g, (_, letter: string) =>
    letter.toUpperCase(),
  )
}

/** The type that the code around a call gives its result: by an annotation before it or a cast after it. */
function statedType(text: string, { line, column, detail }: Site): string | null {
  const lines = text.split('\n')
  const before = (lines[line - 1] ?? '').slice(0, column - 1)
  const annotated = /[\w\]}]\s*:\s*([A-Z]\w*|\{[^{}=]*\})\s*=\s*\(?(?:await\s+)?\(?$/.exec(before)?.[1]
  if (annotated !== undefined) return annotated
  const after = lines
    .slice(line - 1, line + 7)
    .join('\n')
    .slice(column - 1 + detail.length)
  const cast = /^(?:\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\))?\)*\s*as\s+([A-Z]\w*(?:\[\])?(?![\w<.])|\{[^{}]*\}(?:\[\])?)/.exec(
    after,
  )?.[1]
  return cast ?? null
}

/** The members of an interface or object type that the file declares. */
function declarationOf(type: string, text: string): string | null {
  return new RegExp(`\\b(?:interface ${type}|type ${type} =)\\s*(\\{[^{}]*\\})`).exec(text)?.[1] ?? null
}

function advise(site: Site, { schema, library, known }: Expected): string[] {
  const parsed = library.parse(schema, 'value')
  switch (site.kind) {
    case 'boundary-call': {
      const call = site.detail.endsWith(')') ? `await ${site.detail}` : `${site.detail}(…)`
      return [
        `Write \`${library.parse(schema, call)}\`. ${known}`,
        `If the caller can recover, use \`${library.safeParse(schema, '…')}\` and return the failure as a value.`,
      ]
    }
    case 'cast':
      return [
        `Parse instead: \`${parsed}\`. ${known}`,
        'If the compiler should know already, correct the type where the value is made, or use `satisfies`.',
      ]
    case 'any':
      return [
        `Name the type. From outside: \`unknown\`, then \`${parsed}\`. ${known}`,
        'For a value passed through untouched, use a type parameter `<T>`.',
      ]
    case 'env':
      return [
        `Read the environment once, in a boundary file: \`const Environment = ${library.object('…')}\`, \`${library.parse('Environment', 'process.env')}\`, and pass the value on.`,
      ]
    case 'type-guard':
      return [`Replace ${site.detail} by \`${library.safeParse(schema, 'value')}\`. ${known}`]
    default:
      return [`Parse where the value comes in and pass the result on: \`${parsed}\`. ${known}`]
  }
}
