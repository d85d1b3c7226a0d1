import { createRequire } from 'node:module'
import type { z } from 'zod'

export type Zod = typeof z
let zod: Zod | undefined

/**
 * The schema library, loaded when something is parsed for the first time. That takes longer than checking an edited file, and most
 * checks of an edited file parse nothing with a schema: configuration and facts are known.
 */
export function loadZod(): Zod {
  return (zod ??= (createRequire(import.meta.url)('zod') as { readonly z: Zod }).z)
}

/** A schema that is made when it is first used. */
export function lazySchema<Schema extends z.ZodType>(define: (z: Zod) => Schema): () => Schema {
  let schema: Schema | undefined
  return () => (schema ??= define(loadZod()))
}
