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

/** Comments and trailing commas are allowed in a tsconfig. */
function parseLoosely(text: string): unknown {
  const bare = text
    .replace(/^\uFEFF/, '')
    .replace(/("(?:[^"\\\n]|\\.)*")|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '$1')
    .replace(/,(\s*[}\]])/g, '$1')
  try {
    return JSON.parse(bare)
  } catch {
    return {} // a broken tsconfig names nothing; the compiler says so better than a check
  }
}
