import { inertPattern } from '@coxswain/constraints/inert-pattern'
import { lazySchema } from '@coxswain/facts'
import { dayProblem } from '@coxswain/kernel'
import { rules } from '@coxswain/rules'
import type { z } from 'zod'

/** `harness/checks.yaml`. */
export const checkConfigFile = lazySchema((z) => {
  const glob = z.string()
  // Globs are alternatives: one that begins with `!` would reach everything else, and take nothing back from the others.
  const included = z.array(glob.refine(isPlain, 'a glob cannot begin with "!"; write what is meant under `exclude`, without it'))
  const excluded = z.array(glob.refine(isPlain, 'a glob cannot begin with "!"; leave what is to be looked at out of `exclude`'))
  const exemption = z.strictObject({
    rule: z.string(),
    files: included,
    owner: z.string(),
    reason: z.string(),
    until: z.string().refine((day) => dayProblem(day) === null, { error: ({ input }) => dayProblem(String(input)) ?? '' }),
  })
  const severity = z.enum(['error', 'warning', 'off'])
  /** What every rule takes besides its own options. */
  const ruleEntry = z.union([
    severity.transform((value) => ({ severity: value })),
    z.looseObject({
      severity: severity.optional(),
      include: included.optional(),
      exclude: excluded.optional(),
      see: z.string().optional(),
    }),
  ])
  const pattern = z.strictObject({
    id: z.string().regex(/^[a-z][a-z0-9-]*$/, 'kebab-case'),
    language: z.enum(['typescript', 'tsx', 'javascript']).default('typescript'),
    /** An ast-grep pattern, or a whole ast-grep rule object. */
    rule: z.union([z.string(), z.record(z.string(), z.unknown())]),
    message: z.string(),
    why: z.string(),
    fix: z.array(z.string()).min(1),
    severity: z.enum(['error', 'warning']).default('error'),
    include: included.default([]),
    exclude: excluded.default([]),
  })
  return z.strictObject({
    /** Globs no rule looks at. */
    exclude: excluded.default([]),
    /** Rules that are on by themselves and are not named: as they are, or errors all of them. */
    defaults: z.literal('error').optional(),
    rules: z.record(z.string(), ruleEntry).default({}),
    exemptions: z.array(exemption).default([]),
    patterns: z.array(pattern.superRefine(refuseInert)).default([]).superRefine(refuseTakenIds),
    oxlint: z.enum(['auto', 'off', 'typed']).default('auto'),
    report: z.strictObject({ tokens: z.number().int().positive().default(6_000) }).default({ tokens: 6_000 }),
  })
})

function isPlain(glob: string): boolean {
  return !/^!(?!\()/.test(glob)
}

const languages = { typescript: ['TypeScript'], tsx: ['Tsx'], javascript: ['JavaScript'] } as const

interface WrittenPattern {
  readonly id: string
  readonly language: keyof typeof languages
  readonly rule: unknown
}

function refuseInert({ id, language, rule }: WrittenPattern, context: z.RefinementCtx): void {
  const inert = inertPattern(rule, languages[language])
  if (inert === null) return
  const message = `pattern ${id}: ${JSON.stringify(inert)} is no whole piece of ${language}, so it matches nothing`
  context.addIssue({ code: 'custom', path: ['rule'], message })
}

function refuseTakenIds(patterns: readonly WrittenPattern[], context: z.RefinementCtx): void {
  for (const [at, { id }] of patterns.entries()) {
    const isBuiltIn = rules.some((rule) => rule.id === id)
    if (!isBuiltIn && patterns.findIndex((other) => other.id === id) === at) continue
    const owner = isBuiltIn ? 'a rule of cox check' : 'another pattern'
    context.addIssue({ code: 'custom', path: [at, 'id'], message: `${id} is already the id of ${owner}` })
  }
}

export type CheckConfigFile = z.infer<ReturnType<typeof checkConfigFile>>
export interface RuleEntry {
  readonly severity?: 'error' | 'warning' | 'off' | undefined
  readonly include?: readonly string[] | undefined
  readonly exclude?: readonly string[] | undefined
  readonly see?: string | undefined
  readonly [option: string]: unknown
}
export type TeamPattern = CheckConfigFile['patterns'][number]
export type ConfiguredExemption = CheckConfigFile['exemptions'][number]
