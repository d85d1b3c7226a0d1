import { counted } from '@coxswain/kernel'

const scriptEndings = new Set(['.js', '.mjs', '.cjs', '.jsx'])
const typedEndings = new Set(['.ts', '.mts', '.cts', '.tsx'])
/** They hold scripts, of which imports are read. */
const mixedEndings = new Set(['.vue', '.svelte', '.astro'])

export interface Languages {
  /** Whether there is anything that the rules about code look at. */
  readonly hasSource: boolean
  readonly notes: readonly string[]
}

/** What most rules do not look at would look clean to them. */
export function languagesOf(files: readonly string[]): Languages {
  let [scripts, typed, mixed] = [0, 0, 0]
  for (const path of files) {
    const ending = path.slice(path.lastIndexOf('.'))
    if (typedEndings.has(ending)) typed += 1
    else if (scriptEndings.has(ending)) scripts += 1
    else if (mixedEndings.has(ending)) mixed += 1
  }
  const hasSource = scripts + typed + mixed > 0
  return { hasSource, notes: hasSource ? noteOfScripts(scripts, typed) : noteOfOthers(files.length) }
}

function noteOfScripts(scripts: number, typed: number): string[] {
  if (scripts <= typed) return []
  return [
    `${counted(scripts, 'JavaScript file')}: only imports, packages, documents and secrets are checked there; sizes, names, exports, copies and statements in TypeScript alone`,
  ]
}

function noteOfOthers(count: number): string[] {
  return count === 0
    ? []
    : [
        'nothing here is TypeScript or JavaScript: only documents, manifests and secrets are looked at, and no code of other languages',
      ]
}
