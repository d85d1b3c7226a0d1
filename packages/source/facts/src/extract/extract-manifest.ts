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
    optionalDependencies: strings,
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
    imports: json['imports'] ?? null,
    entries: [
      ...new Set([
        ...stringsIn(entryFields.map((field) => json[field])),
        ...stringsIn(Object.keys(json).flatMap((key) => (isOfTool(key) ? [json[key]] : []))).flatMap(namedFile),
        ...stringsIn(builders.map((field) => json[field])).filter((text) => /^[\w@.*/-]+\.[cm]?[jt]sx?$/.test(text)),
      ]),
    ],
    folders: stringsIn([json['oclif'], fieldOf(json['directories'], 'bin')]).filter((text) =>
      /^\.?\/?[\w@-]+\/[\w@./-]+$/.test(text),
    ),
    scripts: json.scripts,
    dependencies: json.dependencies,
    devDependencies: json.devDependencies,
    peerDependencies: json.peerDependencies,
    optionalDependencies: json.optionalDependencies,
    workspaces: json.workspaces,
    keys: Object.keys(json),
  }
}

const entryFields = [
  'main',
  'module',
  'types',
  'typings',
  'bin',
  'browser',
  'source',
  'react-native',
  'publishConfig',
  'typesVersions',
  'unpkg',
  'jsdelivr',
]
const builders = ['tsup', 'tsdown', 'bunup', 'unbuild', 'microbundle']

/** Fields that name files neither for importers nor for a tool that loads them. */
const others = new Set([
  ...entryFields,
  ...builders,
  ...(
    'name version description keywords repository homepage bugs license author contributors dependencies devDependencies ' +
    'peerDependencies peerDependenciesMeta optionalDependencies bundledDependencies overrides resolutions pnpm engines ' +
    'packageManager volta funding os cpu private type exports imports scripts workspaces files sideEffects lint-staged ' +
    'eslintIgnore nyc c8 size-limit'
  ).split(' '),
])

function isOfTool(key: string): boolean {
  return !others.has(key)
}

/** `<rootDir>/src/setup.ts`; patterns of tools say what is tested or measured, not what is started. */
function namedFile(text: string): string[] {
  const plain = text.replace(/^<rootDir>\//, '')
  return /^[\w@./-]+\.[cm]?[jt]sx?$/.test(plain) ? [plain] : []
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Object.entries(value).find(([name]) => name === key)?.[1] : undefined
}

/** Every string in these values, however deeply they nest. */
function stringsIn(values: readonly unknown[]): string[] {
  const found = new Set<string>()
  const visit = (value: unknown): void => {
    if (typeof value === 'string') found.add(value)
    else if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) visit(inner)
  }
  for (const value of values) visit(value)
  return [...found]
}
