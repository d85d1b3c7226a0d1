import { join } from 'node:path'
import { readText } from '@coxswain/constraints'
import { mapLimit } from '@coxswain/kernel'

const names: Readonly<Record<string, RegExp>> = {
  eslint: /\beslint\b(?!-)|\b(?:next|nx|expo) lint\b/,
  oxlint: /\boxlint\b(?!-)/,
  biome: /\bbiome\b/,
}
const places =
  /(?:^|\/)package\.json$|^\.github\/workflows\/[^/]+\.ya?ml$|^\.gitlab-ci\.yml$|^\.husky\/[^/]+$|(?:^|\/)(?:\.?lefthook|\.pre-commit-config)\.ya?ml$|(?:^|\/)(?:Makefile|justfile|turbo\.jsonc?|nx\.json|moon\.ya?ml|deno\.jsonc?)$/

/** The linters that something in the repository installs or runs. */
export async function lintersRun(root: string, files: readonly string[]): Promise<ReadonlySet<string>> {
  const texts = await mapLimit(
    files.filter((file) => places.test(file)),
    8,
    async (file) => {
      const read = await readText(join(root, file))
      return read?.kind === 'text' && read.text.length < 1_000_000 ? read.text : ''
    },
  )
  return new Set(Object.entries(names).flatMap(([name, pattern]) => (texts.some((text) => pattern.test(text)) ? [name] : [])))
}
