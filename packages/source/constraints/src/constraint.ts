import { dayProblem } from '@coxswain/kernel'
import { z } from 'zod'

export const severities = ['error', 'warning', 'advice'] as const
export type Severity = (typeof severities)[number]

/** Cheapest first: a constraint lives on the fewest that work. */
export const rungKinds = ['check', 'hook', 'path', 'skill', 'review', 'root'] as const
export type RungKind = (typeof rungKinds)[number]

const slug = z.string().regex(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/, 'write lower-case words joined by hyphens')
const sentence = z.string().trim().min(1, 'must not be empty').max(2_000, 'is longer than 2,000 characters')
const words = z.array(z.string().min(1)).min(1, 'names no program')

const ruleCheck = z.strictObject({ rule: slug, options: z.record(z.string(), z.unknown()).default({}) })
const patternCheck = z.strictObject({ language: z.string().min(1), pattern: z.string().min(1) })
const astGrepCheck = z.strictObject({
  language: z.string().min(1),
  match: z.record(z.string(), z.unknown()),
  constraints: z.record(z.string(), z.unknown()).optional(),
})
const commandCheck = z.strictObject({
  command: words,
  /** The exit codes that mean "found something"; 0 always means clean and any other code is a broken check. */
  found: z.array(z.number().int().min(1).max(255)).min(1).default([1]),
  /** Globs of what it reads besides the files in scope and the files that its own words name; with them, what it found is kept by their content. */
  inputs: z.array(z.string().min(1)).optional(),
})

export const Check = z.union([ruleCheck, patternCheck, astGrepCheck, commandCheck])
export type Check = z.infer<typeof Check>
export type RuleCheck = z.infer<typeof ruleCheck>
export type CommandCheck = z.infer<typeof commandCheck>
export type PatternCheck = z.infer<typeof patternCheck> | z.infer<typeof astGrepCheck>

export const hookMoments = ['before-edit', 'after-edit', 'before-commit', 'before-stop'] as const

export const Rung = z.union([
  z.strictObject({ check: Check }),
  z.strictObject({ hook: z.strictObject({ on: z.enum(hookMoments), command: words }) }),
  z.strictObject({ path: sentence }),
  z.strictObject({ skill: slug }),
  z.strictObject({ review: z.strictObject({ role: slug, text: sentence }) }),
  z.strictObject({ root: sentence }),
])
export type Rung = z.infer<typeof Rung>

const day = z.string().refine((text) => dayProblem(text) === null, { error: ({ input }) => dayProblem(String(input)) ?? '' })
const exemption = z.strictObject({ path: z.string().min(1), owner: sentence, reason: sentence, expires: day })
const evidence = z.union([
  z.string().min(1),
  z.strictObject({ link: z.string().min(1), note: z.string().min(1).optional(), on: day.optional() }),
])

export const FrontMatter = z.strictObject({
  id: slug,
  /** The failure class that the constraint closes, shared by constraints against the same kind of mistake. */
  class: slug,
  severity: z.enum(severities),
  scope: z.array(z.string().min(1)).min(1, 'matches nothing'),
  except: z.array(z.string().min(1)).default([]),
  rungs: z.array(Rung).min(1, 'names no place where the constraint acts'),
  see: z.array(z.string().min(1)).default([]),
  owner: sentence,
  evidence: z.array(evidence).default([]),
  exemptions: z.array(exemption).default([]),
  overrides: z.array(slug).default([]),
  /** When the constraint should go. */
  retire: sentence.optional(),
})
export type FrontMatter = z.infer<typeof FrontMatter>

export interface ExampleFile {
  readonly path: string
  readonly language: string
  readonly text: string
}

export interface Constraint extends FrontMatter {
  /** Relative to the repository's root. */
  readonly file: string
  readonly title: string
  readonly why: string
  readonly fix: string
  readonly bad: readonly ExampleFile[]
  readonly good: readonly ExampleFile[]
}

export function rungKind(rung: Rung): RungKind {
  if ('check' in rung) return 'check'
  if ('hook' in rung) return 'hook'
  if ('path' in rung) return 'path'
  if ('skill' in rung) return 'skill'
  if ('review' in rung) return 'review'
  return 'root'
}

export function checksOf(constraint: Constraint): Check[] {
  return constraint.rungs.flatMap((rung) => ('check' in rung ? [rung.check] : []))
}
