import type { z } from 'zod'
import { errorMessage } from '@coxswain/kernel'
import type { FileFacts, ManifestFacts } from '../file-facts.ts'
import { lazySchema } from '../lazy-schema.ts'
import { createLineTable } from '../parse/line-table.ts'
import { findSecrets } from '../secrets/find-secrets.ts'

/** Facts of a package.json. One that is not JSON is a problem of that file, never of the check. */
export function extractManifest(text: string, bytes: number): FileFacts {
  const lines = createLineTable(text)
  const base = {
    kind: 'manifest',
    bytes,
    lines: lines.count,
    imports: [],
    exports: [],
    functions: [],
    sites: findSecrets(text, lines),
    exemptions: [],
  } as const
  try {
    return { ...base, manifest: readManifest(packageJson().parse(JSON.parse(text.replace(/^\uFEFF/, '')))) }
  } catch (error) {
    const at = /position (\d+)/.exec(errorMessage(error))?.[1]
    return {
      ...base,
      problem: {
        line: at === undefined ? 1 : lines.lineAt(Number(at)),
        message: errorMessage(error).split('\n')[0] ?? 'not valid JSON',
      },
    }
  }
}

const packageJson = lazySchema((z) => {
  // What is missing is no mistake: a default costs less than a caught one.
  const strings = z.custom<Readonly<Record<string, string>>>(holdsStrings).default({}).catch({})
  return z.looseObject({
    name: z.string().nullable().default(null).catch(null),
    private: z.boolean().default(false).catch(false),
    exports: z.unknown().optional(),
    scripts: strings,
    dependencies: strings,
    devDependencies: strings,
    peerDependencies: strings,
    workspaces: z
      .union([z.array(z.string()), z.object({ packages: z.array(z.string()) }).transform((value) => value.packages)])
      .default([])
      .catch([]),
  })
})

/** As a schema of keys and values it would take half of the time that a manifest takes. */
function holdsStrings(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.values(value).every((entry) => typeof entry === 'string')
}

function readManifest(json: z.infer<ReturnType<typeof packageJson>>): ManifestFacts {
  return {
    name: json.name,
    isPrivate: json.private,
    exports: json.exports ?? null,
    entries: entryStrings([
      json.exports,
      json['main'],
      json['module'],
      json['types'],
      json['typings'],
      json['bin'],
      json['browser'],
      json['source'],
      json['react-native'],
      json['publishConfig'],
      json['imports'],
    ]),
    scripts: json.scripts,
    dependencies: json.dependencies,
    devDependencies: json.devDependencies,
    peerDependencies: json.peerDependencies,
    workspaces: json.workspaces,
    keys: Object.keys(json),
  }
}

/** Every path that the fields name, however deeply conditions nest. */
function entryStrings(values: readonly unknown[]): string[] {
  const found = new Set<string>()
  const visit = (value: unknown): void => {
    if (typeof value === 'string') found.add(value)
    else if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) visit(inner)
  }
  for (const value of values) visit(value)
  return [...found]
}
