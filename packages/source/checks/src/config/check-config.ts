import { lazySchema } from '@coxswain/facts'
import { dayProblem } from '@coxswain/kernel'
import type { z } from 'zod'

/** `harness/checks.yaml`. */
export const checkConfigFile = lazySchema((z) => {
  const exemption = z.strictObject({
    rule: z.string(),
    files: z.array(z.string()),
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
      include: z.array(z.string()).optional(),
      exclude: z.array(z.string()).optional(),
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
    include: z.array(z.string()).default([]),
    exclude: z.array(z.string()).default([]),
  })
  return z.strictObject({
    /** Globs no rule looks at. */
    exclude: z.array(z.string()).default([]),
    /** Rules that are on by themselves and are not named: as they are, or errors all of them. */
    defaults: z.literal('error').optional(),
    rules: z.record(z.string(), ruleEntry).default({}),
    exemptions: z.array(exemption).default([]),
    patterns: z.array(pattern).default([]),
    oxlint: z.enum(['auto', 'off', 'typed']).default('auto'),
    report: z.strictObject({ tokens: z.number().int().positive().default(6_000) }).default({ tokens: 6_000 }),
  })
})
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
