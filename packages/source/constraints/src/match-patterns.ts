import { createHash } from 'node:crypto'
import { lstatSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import type { Lang, NapiConfig, SgNode } from '@ast-grep/napi'
import { CoxError, errorMessage } from '@coxswain/kernel'
import type { CheckFinding } from './check-runner.ts'
import type { PatternCheck } from './constraint.ts'
import type { KnownFile, MatchCache } from './match-cache.ts'
import { mayMatch, neededWords } from './needed-words.ts'
import { isErrorCode } from './read-text.ts'

export interface PatternJob {
  readonly check: PatternCheck
  readonly files: readonly string[]
}

export interface MatchOptions {
  readonly root: string
  readonly cache: MatchCache | null
  readonly signal?: AbortSignal
}

type Outcome = CheckFinding[] | CoxError

/**
 * What each job finds, or why it cannot run. A file is parsed once for all the jobs that look at it, and not at all when the cache
 * knows its content under the same patterns.
 */
export async function matchPatterns(jobs: readonly PatternJob[], options: MatchOptions): Promise<Outcome[]> {
  const compiled = jobs.map(({ check }) => compile(check))
  const outcomes = compiled.map((one): Outcome => (one instanceof CoxError ? one : []))
  for (const [file, indexes] of jobsByFile(jobs, compiled)) {
    options.signal?.throwIfAborted()
    const patterns = indexes.flatMap((index) => {
      const one = outcomes[index] instanceof CoxError ? undefined : compiled[index]
      return one === undefined || one instanceof CoxError ? [] : [{ ...one, index }]
    })
    if (patterns.length > 0) await matchFile({ file, patterns, outcomes }, options)
  }
  return outcomes
}

interface Pattern {
  readonly key: string
  readonly config: NapiConfig
  readonly extensions: readonly string[]
  readonly needed: ReturnType<typeof neededWords>
}

const languages: Readonly<Record<string, readonly string[]>> = {
  ts: ['.ts', '.mts', '.cts', '.tsx'],
  tsx: ['.tsx'],
  js: ['.js', '.mjs', '.cjs', '.jsx'],
  css: ['.css'],
  html: ['.html', '.htm'],
}
const aliases: Readonly<Record<string, string>> = { typescript: 'ts', javascript: 'js', jsx: 'js' }

function compile(check: PatternCheck): Pattern | CoxError {
  const name = check.language.toLowerCase()
  const extensions = languages[aliases[name] ?? name]
  if (extensions === undefined)
    return brokenCheck(
      `"${name}" is not a language that patterns can be written in`,
      `Use one of: ${Object.keys(languages).join(', ')}.`,
    )
  return { key: print(JSON.stringify(check)), config: ruleObject(check), extensions, needed: neededWords(check) }
}

function ruleObject(check: PatternCheck): NapiConfig {
  if ('pattern' in check) return { rule: { pattern: check.pattern } }
  // ast-grep validates rule objects when it runs them; its static type cannot describe data read from a file.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return { rule: check.match, ...(check.constraints === undefined ? {} : { constraints: check.constraints }) } as NapiConfig
}

function jobsByFile(jobs: readonly PatternJob[], compiled: readonly (Pattern | CoxError)[]): Map<string, number[]> {
  const byFile = new Map<string, number[]>()
  for (const [index, { files }] of jobs.entries()) {
    const pattern = compiled[index]
    if (pattern === undefined || pattern instanceof CoxError) continue
    for (const file of files) {
      if (!pattern.extensions.includes(extname(file))) continue
      const known = byFile.get(file)
      if (known === undefined) byFile.set(file, [index])
      else known.push(index)
    }
  }
  return byFile
}

interface FileJob {
  readonly file: string
  readonly patterns: readonly (Pattern & { readonly index: number })[]
  readonly outcomes: Outcome[]
}

async function matchFile(job: FileJob, { root, cache }: MatchOptions): Promise<void> {
  const { file, patterns, outcomes } = job
  const identity = identityOf(join(root, file))
  if (identity === null) return
  const set = print(patterns.map((pattern) => pattern.key).join())
  const known = cache?.get(file)
  const isSame = known?.set === set
  const text = isSame && known.identity === identity ? null : readFileSync(join(root, file), 'utf8')
  const content = text === null ? (known?.content ?? '') : print(text)
  const isKnown = isSame && known.content === content
  const found = isKnown ? known.matches : await parseAndMatch(job, text ?? '')
  if (text !== null && !patterns.some((pattern) => outcomes[pattern.index] instanceof CoxError))
    cache?.set(file, { identity, content, set, matches: found })
  for (const [at, line, column, shown] of found) {
    const outcome = outcomes[patterns[at]?.index ?? -1]
    if (Array.isArray(outcome)) outcome.push({ file, line, column, text: shown })
  }
}

/** Null for what is no file of the tree itself: gone, a folder, a link. */
function identityOf(path: string): string | null {
  try {
    const stat = lstatSync(path)
    return stat.isFile() ? `${stat.ino}:${stat.size}:${stat.mtimeMs}:${stat.ctimeMs}` : null
  } catch (error) {
    if (isErrorCode(error, 'ENOENT', 'ENOTDIR')) return null
    throw error
  }
}

/** The native parser is loaded when the first file has to be parsed: a tree that is known costs no more than its stamps. */
async function parseAndMatch({ file, patterns, outcomes }: FileJob, text: string): Promise<KnownFile['matches']> {
  const likely = patterns.map((pattern, at) => ({ pattern, at })).filter(({ pattern }) => mayMatch(pattern.needed, text))
  if (likely.length === 0) return []
  const { Lang: langs, parse } = await import('@ast-grep/napi')
  const root = parse(languageOf(langs, extname(file)), text).root()
  return likely.flatMap(({ pattern, at }) => {
    try {
      return root.findAll(pattern.config).map((node) => matchOf(node, at))
    } catch (error) {
      outcomes[pattern.index] = brokenCheck(
        `The ast-grep rule is not valid: ${errorMessage(error)}`,
        'Correct the pattern; $NAME matches one node, $$$NAMES several.',
        error,
      )
      return []
    }
  })
}

function languageOf(langs: typeof Lang, extension: string): Lang {
  if (extension === '.tsx') return langs.Tsx
  if (extension === '.css') return langs.Css
  if (extension.startsWith('.htm')) return langs.Html
  return extension.endsWith('ts') ? langs.TypeScript : langs.JavaScript
}

function matchOf(node: SgNode, at: number): KnownFile['matches'][number] {
  const { start } = node.range()
  return [at, start.line + 1, start.column + 1, node.text().slice(0, 200)]
}

function print(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 16)
}

function brokenCheck(message: string, hint: string, cause?: unknown): CoxError {
  return new CoxError('CHECK_BROKEN', message, { hint, ...(cause === undefined ? {} : { cause }) })
}
