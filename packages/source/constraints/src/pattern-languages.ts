import type { PatternLanguage } from './inert-pattern.ts'

const extensions: Readonly<Record<string, readonly string[]>> = {
  ts: ['.ts', '.mts', '.cts', '.tsx'],
  tsx: ['.tsx'],
  js: ['.js', '.mjs', '.cjs', '.jsx'],
  css: ['.css'],
  html: ['.html', '.htm'],
}
const parsers: Readonly<Record<string, readonly PatternLanguage[]>> = {
  ts: ['TypeScript', 'Tsx'],
  tsx: ['Tsx'],
  js: ['JavaScript'],
}
const aliases: Readonly<Record<string, string>> = { typescript: 'ts', javascript: 'js', jsx: 'js' }

/** Languages that patterns can be written in, by the name that is written. */
export const patternLanguages = Object.keys(extensions)

/** The files that a pattern of this language looks at, by their endings; null for an unknown language. */
export function extensionsOf(language: string): readonly string[] | null {
  return extensions[shortName(language)] ?? null
}

/** Those that a pattern has to be code in one of; none where that is not asked. */
export function parsersOf(language: string): readonly PatternLanguage[] {
  return parsers[shortName(language)] ?? []
}

function shortName(language: string): string {
  const name = language.toLowerCase()
  return aliases[name] ?? name
}
