import { counted } from '@coxswain/kernel'

const scriptEndings = new Set(['.js', '.mjs', '.cjs', '.jsx'])
const typedEndings = new Set(['.ts', '.mts', '.cts', '.tsx'])

/** A repository in JavaScript would look clean to rules that look at TypeScript alone. */
export function noteOfScripts(files: readonly string[]): string[] {
  let scripts = 0
  let typed = 0
  for (const path of files) {
    const ending = path.slice(path.lastIndexOf('.'))
    if (typedEndings.has(ending)) typed += 1
    else if (scriptEndings.has(ending)) scripts += 1
  }
  if (scripts <= typed) return []
  return [
    `${counted(scripts, 'JavaScript file')}: only imports, packages, documents and secrets are checked there; sizes, names, exports, copies and statements in TypeScript alone`,
  ]
}
