import { createRequire } from 'node:module'

type AstGrep = typeof import('@ast-grep/napi')
let astGrep: AstGrep | undefined

export type PatternLanguage = 'TypeScript' | 'Tsx' | 'JavaScript'

/**
 * The first pattern of a rule that is code in none of the languages, and so matches nothing whatever a file holds; ast-grep accepts it.
 * Null where each can match. `rule` is a pattern or a rule object with patterns in it.
 */
export function inertPattern(rule: unknown, languages: readonly PatternLanguage[]): string | null {
  const patterns = typeof rule === 'string' ? [rule] : patternsIn(rule)
  if (patterns.length === 0) return null
  const { Lang: langs, parse } = (astGrep ??= createRequire(import.meta.url)('@ast-grep/napi') as AstGrep)
  const isCode = (pattern: string, language: PatternLanguage): boolean => {
    const root = parse(langs[language], pattern).root()
    return root.children().length > 0 && root.find({ rule: { kind: 'ERROR' } }) === null
  }
  return patterns.find((pattern) => !languages.some((language) => isCode(pattern, language))) ?? null
}

function patternsIn(rule: unknown): string[] {
  if (Array.isArray(rule)) return rule.flatMap(patternsIn)
  if (typeof rule !== 'object' || rule === null) return []
  return Object.entries(rule).flatMap(([key, value]) =>
    typeof value === 'string' && (key === 'pattern' || key === 'context') ? [value] : patternsIn(value),
  )
}
