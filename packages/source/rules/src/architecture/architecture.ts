import { lazySchema } from '@coxswain/facts'
import type { Workspace } from '@coxswain/graph'
import type { z } from 'zod'
import { createClassifier, type Place } from './classify.ts'
import { refuseTemplates } from './package-templates.ts'

/** `harness/architecture.yaml`: the shape of the repository, declared once for all rules. */
export const architectureFile = lazySchema((z) => {
  const layer = z.union([
    z.string().transform((name) => ({ name })),
    z.strictObject({
      name: z.string(),
      imports: z.array(z.string()).optional(),
      siblings: z.boolean().optional(),
      why: z.string().optional(),
    }),
  ])
  const capability = z.strictObject({
    name: z.string(),
    /** The package that offers it. */
    use: z.string(),
    'instead-of': z.array(z.string()),
    /** How it is called: one line of code. */
    how: z.string().optional(),
    /** Same names, same meaning: imports can be rewritten by machine. */
    'same-api': z.boolean().default(false),
  })
  const declaration = z.strictObject({
    packages: z.union([z.string().transform((pattern) => [pattern]), z.array(z.string())]).default([]),
    layers: z.array(layer).default([]),
    'shared-layers': z.array(z.string()).default([]),
    providers: z.array(z.string()).default([]),
    edges: z.array(z.strictObject({ from: z.string(), to: z.string(), why: z.string() })).default([]),
    capabilities: z.array(capability).default([]),
    boundaries: z.array(z.string()).default([]),
  })
  return declaration.superRefine(refuseTemplates)
})
export type ArchitectureFile = z.infer<ReturnType<typeof architectureFile>>

export type Capability = ArchitectureFile['capabilities'][number]

export interface Layer {
  readonly name: string
  /** Layers it may import, its own included unless siblings are closed to each other. */
  readonly imports: ReadonlySet<string>
  readonly siblings: boolean
}

/** The declaration, ready to be asked. */
export interface Architecture {
  readonly layers: readonly Layer[]
  readonly sharedLayers: ReadonlySet<string>
  readonly capabilities: readonly Capability[]
  readonly boundaries: readonly string[]
  readonly edges: ArchitectureFile['edges']
  placeOf(path: string): Place
}

export function readArchitecture(file: ArchitectureFile, workspace: Workspace): Architecture {
  const layers = file.layers.map((entry, at) =>
    toLayer(
      entry,
      file.layers.slice(0, at).map((lower) => lower.name),
    ),
  )
  return {
    layers,
    sharedLayers: new Set(file['shared-layers']),
    capabilities: file.capabilities,
    boundaries: file.boundaries,
    edges: file.edges,
    placeOf: createClassifier(file, workspace),
  }
}

/** A layer that says nothing imports those declared before it. */
function toLayer(entry: ArchitectureFile['layers'][number], lower: readonly string[]): Layer {
  const declared = 'imports' in entry ? entry.imports : undefined
  const siblings = ('siblings' in entry ? entry.siblings : undefined) ?? true
  return { name: entry.name, imports: new Set([...(declared ?? lower), entry.name]), siblings }
}
