import { readFileSync } from 'node:fs'
import type { z } from 'zod'
import { lazySchema } from '../lazy-schema.ts'

export interface SecretRule {
  readonly id: string
  readonly about: string
  readonly pattern: RegExp
  readonly keywords: readonly string[]
  readonly entropy: number | null
  readonly allow: readonly RegExp[]
  readonly stopWords: readonly string[]
}

export interface SecretRules {
  readonly rules: readonly SecretRule[]
  readonly anyKeyword: RegExp
}

let loaded: SecretRules | undefined

/** gitleaks' rules, written by `scripts/import-secret-rules.mjs`; read on first use. */
export function loadSecretRules(): SecretRules {
  loaded ??= compileRules(ruleFile().parse(JSON.parse(readFileSync(new URL('secret-rules.json', import.meta.url), 'utf8'))))
  return loaded
}

const ruleFile = lazySchema((z) => {
  const expression = z.object({ pattern: z.string(), flags: z.string() })
  return z.object({
    rules: z.array(
      expression.extend({
        id: z.string(),
        about: z.string(),
        keywords: z.array(z.string()),
        entropy: z.number().nullable().default(null),
        allow: z.array(expression).default([]),
        stopWords: z.array(z.string()).default([]),
      }),
    ),
  })
})

function compileRules(file: z.infer<ReturnType<typeof ruleFile>>): SecretRules {
  const rules = file.rules.map((rule) => ({
    id: rule.id,
    about: rule.about,
    pattern: new RegExp(rule.pattern, `${rule.flags}g`),
    keywords: rule.keywords.map((keyword) => keyword.toLowerCase()),
    entropy: rule.entropy,
    allow: rule.allow.map((allowed) => new RegExp(allowed.pattern, allowed.flags)),
    stopWords: rule.stopWords,
  }))
  const keywords = [...new Set(rules.flatMap((rule) => rule.keywords))]
  return { rules, anyKeyword: new RegExp(keywords.map((keyword) => keyword.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')) }
}
