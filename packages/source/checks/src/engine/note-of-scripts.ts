import { counted } from '@coxswain/kernel'

/** A repository in JavaScript would look clean to rules that look at TypeScript alone. */
export function noteOfScripts(files: readonly string[]): string[] {
  const scripts = files.filter((path) => /\.[cm]?jsx?$/.test(path)).length
  const typed = files.filter((path) => /\.[cm]?tsx?$/.test(path)).length
  if (scripts <= typed) return []
  return [
    `${counted(scripts, 'JavaScript file')}: only imports, packages, documents and secrets are checked there; sizes, names, exports, copies and statements in TypeScript alone`,
  ]
}
