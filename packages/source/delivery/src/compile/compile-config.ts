import { join } from 'node:path'
import { errorAt, readText, readYaml, type Problem } from '@coxswain/constraints'
import { z } from 'zod'

export const targets = [
  'agents',
  'claude',
  'cursor',
  'copilot',
  'gemini',
  'skills',
  'messages',
  'review',
  'hooks',
  'index',
] as const
export type Target = (typeof targets)[number]

const CompileConfigSchema = z.strictObject({
  targets: z.array(z.enum(targets)).min(1).default(['agents']),
  /** The root block's longest length: a map, not a manual. */
  rootLines: z.number().int().min(5).max(1_000).default(100),
})
export type CompileConfig = z.infer<typeof CompileConfigSchema>

export const compileConfigFile = 'harness/compile.yaml'
const defaultCompileConfig: CompileConfig = { targets: ['agents'], rootLines: 100 }

/** The folder's `harness/compile.yaml`; AGENTS.md alone without it. */
export async function loadCompileConfig(
  root: string,
): Promise<{ readonly config: CompileConfig; readonly problems: readonly Problem[] }> {
  const read = await readText(join(root, compileConfigFile))
  if (read === null) return { config: defaultCompileConfig, problems: [] }
  if (read.kind === 'not-utf8')
    return {
      config: defaultCompileConfig,
      problems: [errorAt({ file: compileConfigFile, line: 1 }, 'FILE_NOT_UTF8', 'The file is not UTF-8', 'Save it as UTF-8.')],
    }
  const schema = { schema: CompileConfigSchema, knownKeys: () => ['targets', 'rootLines'] }
  const result = readYaml<CompileConfig>(
    { text: read.text.trim() === '' ? '{}' : read.text, file: compileConfigFile, firstLine: 1 },
    schema,
  )
  return { config: result.value ?? defaultCompileConfig, problems: result.problems }
}
