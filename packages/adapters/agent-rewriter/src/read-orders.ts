import { CoxError, explainIssues } from '@coxswain/kernel'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { findFences, type Fence } from './find-fences.ts'

/** What a task tells the rewriter to do. */
export interface Orders {
  readonly rules: readonly RewriteRule[]
  readonly rewrites: readonly Rewrite[]
}

/** A rule of ast-grep for one language; `body` is passed on as it is. */
export interface RewriteRule {
  readonly id: string
  readonly language: string
  /** Globs from the worktree's root; empty: every file of the language. */
  readonly files: readonly string[]
  readonly ignores: readonly string[]
  readonly body: Readonly<Record<string, unknown>>
}

/** A mechanical change as data, as findings carry it. */
export type Rewrite = z.infer<typeof rewriteSchema>
export type TextEdit = Rewrite['edits'][number]

const offset = z.int().nonnegative()
const rewriteSchema = z.strictObject({
  edits: z
    .array(
      z.strictObject({
        file: z.string().min(1),
        /** UTF-16 offsets into the text as it is before any edit. */
        start: offset,
        end: offset,
        /** What must still be there, or the edit is left out. */
        was: z.string().optional(),
        text: z.string(),
      }),
    )
    .default([]),
  moves: z.array(z.strictObject({ from: z.string().min(1), to: z.string().min(1) })).default([]),
  creations: z.array(z.strictObject({ file: z.string().min(1), text: z.string() })).default([]),
})

const ruleSchema = z.looseObject({
  id: z.string().min(1).optional(),
  language: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
  rule: z.record(z.string(), z.unknown()),
  fix: z.unknown().optional(),
  files: z.array(z.string()).default([]),
  ignores: z.array(z.string()).default([]),
})

/** Reads the fenced blocks of a task that are rules (yaml) or changes (json); other blocks are none of our business. @throws CoxError REWRITE_INVALID */
export function readOrders(prompt: string): Orders {
  const fences = findFences(prompt)
  const documents = fences.filter((fence) => fence.language === 'yaml' || fence.language === 'yml').flatMap(readYaml)
  const rules = documents.filter(isRule).flatMap((document, index) => readRule(document, index))
  const rewrites = fences.filter((fence) => fence.language === 'json').flatMap(readRewrite)
  return { rules: uniqueIds(rules), rewrites }
}

function invalid(what: string, line: number | null, why: string): CoxError {
  const where = line === null ? '' : ` in the block at line ${line} of the task`
  return new CoxError('REWRITE_INVALID', `${what}${where} cannot be used: ${why}`, {
    hint: 'See https://ast-grep.github.io/reference/yaml.html for rules; a rule of the rewriter has an id, a language, a rule and a fix.',
  })
}

interface YamlDocument {
  readonly value: unknown
  readonly line: number
}

/** A block that is no YAML at all is an error only when it looks like a rule. */
function readYaml(fence: Fence): YamlDocument[] {
  const documents = parseAllDocuments(fence.text)
  const list = Array.isArray(documents) ? documents : []
  const problem = list.flatMap((document) => document.errors)[0]
  if (problem === undefined)
    return list.flatMap((document) => values(document.toJS()).map((value) => ({ value, line: fence.line })))
  if (/^\s*rule\s*:/m.test(fence.text)) throw invalid('A rule', fence.line, problem.message)
  return []
}

function values(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value]
}

function isRule({ value }: YamlDocument): boolean {
  return typeof value === 'object' && value !== null && 'rule' in value
}

/** Rules are mostly written for all of them, and ast-grep takes one language each. */
const defaultLanguages = ['TypeScript', 'Tsx', 'JavaScript']

function readRule({ value, line }: YamlDocument, index: number): RewriteRule[] {
  const parsed = ruleSchema.safeParse(value)
  if (!parsed.success) throw invalid('A rule', line, explainIssues(parsed.error.issues, value))
  const { id: givenId, language, files, ignores, ...rest } = parsed.data
  const id = givenId ?? `rule-${index + 1}`
  if (rest.fix === undefined) throw invalid(`The rule ${id}`, line, 'it has no fix')
  const languages = language === undefined ? defaultLanguages : [language].flat()
  return languages.map((one) => ({ id, language: one, files, ignores, body: rest }))
}

/** Two rules of one id would be told apart by nothing. */
function uniqueIds(rules: readonly RewriteRule[]): RewriteRule[] {
  const seen = new Map<string, Readonly<Record<string, unknown>>>()
  for (const rule of rules) {
    if ((seen.get(rule.id) ?? rule.body) !== rule.body) throw invalid(`The rule ${rule.id}`, null, 'another rule has the same id')
    seen.set(rule.id, rule.body)
  }
  return [...rules]
}

function readRewrite(fence: Fence): Rewrite[] {
  const isOurs = /"(?:edits|moves|creations)"\s*:/.test(fence.text)
  if (!isOurs) return []
  const value = parseJson(fence)
  const parsed = rewriteSchema.safeParse(value)
  if (!parsed.success) throw invalid('A list of edits', fence.line, explainIssues(parsed.error.issues, value))
  return [parsed.data]
}

function parseJson(fence: Fence): unknown {
  try {
    return JSON.parse(fence.text)
  } catch (error) {
    throw invalid('A list of edits', fence.line, error instanceof Error ? error.message : String(error))
  }
}
