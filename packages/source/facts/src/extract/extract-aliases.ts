import type { AliasFacts } from '../file-facts.ts'
import { lazySchema } from '../lazy-schema.ts'

const tsconfig = lazySchema((z) =>
  z.looseObject({
    compilerOptions: z
      .looseObject({ baseUrl: z.string().optional(), paths: z.record(z.string(), z.array(z.string())).optional() })
      .optional(),
  }),
)

/** The names a tsconfig gives to folders; null when it gives none. */
export function extractAliases(text: string): AliasFacts | null {
  const options = tsconfig().safeParse(parseLoosely(text)).data?.compilerOptions
  if (options?.paths === undefined && options?.baseUrl === undefined) return null
  return { base: options.baseUrl ?? null, paths: options.paths ?? {} }
}

/** Comments and trailing commas are allowed in a tsconfig, and most have none. */
function parseLoosely(text: string): unknown {
  return parseJson(text) ?? parseJson(withoutComments(text)) ?? {} // a broken tsconfig names nothing; the compiler says so better than a check
}

function withoutComments(text: string): string {
  // An open comment is one to the end: without the second way out each of them would be searched to there.
  return text
    .replace(/^\uFEFF/, '')
    .replace(/("(?:[^"\\\n]|\\.)*")|\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\n]*/g, '$1')
    .replace(/,(\s*[}\]])/g, '$1')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null // not JSON
  }
}
