import { createRequire } from 'node:module'
import { lazySchema } from '../lazy-schema.ts'

type Yaml = typeof import('yaml')
let yaml: Yaml | undefined

const workspaceFile = lazySchema((z) => z.object({ packages: z.array(z.string()).optional() }).catch({}))

/** The patterns a pnpm-workspace.yaml declares packages with; null when it declares none. */
export function extractWorkspaces(text: string): readonly string[] | null {
  return workspaceFile().parse(parseYaml(text)).packages ?? null
}

function parseYaml(text: string): unknown {
  // Loaded only when such a file changed: a start without it is much faster.
  yaml ??= createRequire(import.meta.url)('yaml') as Yaml
  try {
    return yaml.parse(text)
  } catch {
    return {} // a broken workspace file declares nothing; the package manager says so better than a check
  }
}
