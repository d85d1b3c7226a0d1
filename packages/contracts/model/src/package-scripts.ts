import { z } from 'zod'

/** What Coxswain reads of a `package.json`: the scripts that its package manager runs by name. */
export const PackageScripts = z
  .looseObject({ scripts: z.record(z.string(), z.string()).default({}) })
  .transform(({ scripts }): ReadonlyMap<string, string> => new Map(Object.entries(scripts)))
export type PackageScripts = z.infer<typeof PackageScripts>
