import picomatch from 'picomatch'
import type { Site, Workspace } from '@coxswain/facts'
import { defineSiteRule, testFiles } from '../site-rule.ts'

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
  describe: (site, { path, context }) => ({
    what: say(site),
    fix: advise(site, exampleName(path, context.workspace.facts.get(path)?.exports.map((entry) => entry.name) ?? [])),
  }),
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
  const manifest = workspace.packageOf(path)?.manifest
  return (
    manifest !== undefined &&
    libraries.some((name) =>
      [manifest.dependencies, manifest.devDependencies, manifest.peerDependencies].some((list) => list[name] !== undefined),
    )
  )
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

interface Named {
  readonly type: string
  readonly schema: string
  readonly isHere: boolean
}

/** A schema of this file, or the name one would get. */
function exampleName(path: string, exported: readonly string[]): Named {
  const schema = exported.find((name) => name.endsWith('Schema'))
  if (schema !== undefined) return { type: schema.slice(0, -'Schema'.length), schema, isHere: true }
  const stem = (path.slice(path.lastIndexOf('/') + 1).split('.')[0] ?? 'value').replace(/(?:^|[-_])(\w)/g, (_, letter: string) =>
    letter.toUpperCase(),
  )
  return { type: stem, schema: `${stem}Schema`, isHere: false }
}

function advise(site: Site, { type, schema, isHere }: Named): string[] {
  const define = `Declare what comes in: \`const ${schema} = z.object({ … }); type ${type} = z.infer<typeof ${schema}>\`.`
  const known = isHere ? `${schema} is in this file.` : define
  switch (site.kind) {
    case 'boundary-call':
      return [
        `Write \`${schema}.parse(${site.detail.replace(/\)?$/, site.detail.endsWith(')') ? ')' : '(…)')})\`. ${known}`,
        'If the caller can recover, use `safeParse` and return the failure as a value.',
      ]
    case 'cast':
      return [
        `Parse instead: \`${schema}.parse(value)\`. ${known}`,
        'If the compiler should know already, correct the type where the value is made, or use `satisfies`.',
      ]
    case 'any':
      return [
        `Name the type. From outside: \`unknown\`, then \`${schema}.parse(value)\`. ${known}`,
        'For a value passed through untouched, use a type parameter `<T>`.',
      ]
    case 'env':
      return [
        `Read the environment once, in a boundary file: \`const Environment = z.object({ … }).parse(process.env)\`, and pass the value on.`,
      ]
    case 'type-guard':
      return [`Replace ${site.detail} by \`${schema}.safeParse(value).success\`. ${known}`]
    default:
      return [`Parse where the value comes in and pass ${type} on: \`${schema}.parse(value)\`. ${known}`]
  }
}
