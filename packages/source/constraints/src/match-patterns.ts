import { createHash } from 'node:crypto'
import { lstatSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import type { NapiConfig } from '@ast-grep/napi'
import { CoxError, errorMessage } from '@coxswain/kernel'
import type { CheckFinding } from './check-runner.ts'
import type { PatternCheck } from './constraint.ts'
import { languageOf, matchOf } from './ast-grep-node.ts'
import { inertPattern, type PatternLanguage } from './inert-pattern.ts'
import { joinPatterns } from './join-patterns.ts'
import type { KnownFile, MatchCache } from './match-cache.ts'
import { matchTogether, type ReadableFile } from './match-together.ts'
import { mayMatch, neededWords } from './needed-words.ts'
import { extensionsOf, parsersOf, patternLanguages } from './pattern-languages.ts'
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
  const groups = new Map<string, Group>()
  for (const [file, indexes] of jobsByFile(jobs, compiled)) {
    options.signal?.throwIfAborted()
    const found = lookAt(file, options)
    if (found === null) continue
    const key = `${extname(file)} ${indexes.join()}`
    const group = groups.get(key) ?? newGroup(indexes, compiled)
    groups.set(key, group)
    group.looked.push(found)
  }
  for (const seen of groups.values()) {
    const group = withoutInert(seen, outcomes)
    for (const found of group.looked) sortIn(found, group, { outcomes, options })
    await matchGroup(group, { outcomes, options })
  }
  return outcomes
}

/** Files of one kind that the same patterns look at. */
interface Group {
  readonly patterns: readonly GroupPattern[]
  readonly set: string
  readonly looked: LookedAt[]
  /** Those that have to be parsed. */
  readonly files: LookedAt[]
}

interface GroupPattern extends Pattern {
  readonly index: number
}

interface LookedAt extends ReadableFile {
  readonly identity: string
  readonly known: KnownFile | undefined
}

interface Matching {
  readonly outcomes: Outcome[]
  readonly options: MatchOptions
}

function newGroup(indexes: readonly number[], compiled: readonly (Pattern | CoxError)[]): Group {
  const patterns = indexes.flatMap((index) => {
    const one = compiled[index]
    return one === undefined || one instanceof CoxError ? [] : [{ ...one, index }]
  })
  return { patterns, set: setOf(patterns), looked: [], files: [] }
}

/** The word tells sets whose patterns are proven to be code from those of programs that did not ask. */
function setOf(patterns: readonly GroupPattern[]): string {
  return print(`code ${patterns.map((pattern) => pattern.key).join()}`)
}

/** A pattern that could match nothing would look kept. Where the cache knows the set, every pattern of it was code. */
function withoutInert(group: Group, outcomes: Outcome[]): Group {
  if (group.looked.some(({ known }) => known?.set === group.set)) return group
  const patterns = group.patterns.filter(({ rule, languages, index }) => {
    const inert = languages.length === 0 ? null : inertPattern(rule, languages)
    if (inert !== null)
      outcomes[index] = brokenCheck(
        `The pattern ${JSON.stringify(inert)} is no whole piece of ${languages.join(' or ')}, so it matches nothing`,
        'Correct the pattern; $NAME matches one node, $$$NAMES several.',
      )
    return inert === null
  })
  return { ...group, patterns, set: setOf(patterns) }
}

function lookAt(file: string, { root, cache }: MatchOptions): LookedAt | null {
  const identity = identityOf(join(root, file))
  if (identity === null) return null
  return { file, identity, known: cache?.get(file), text: () => readFileSync(join(root, file), 'utf8') }
}

/** Answers from what is known, and from the words alone; else the file waits to be parsed with its like. */
function sortIn(looked: LookedAt, group: Group, { outcomes, options }: Matching): void {
  const { file, identity, known } = looked
  const isSame = known?.set === group.set
  if (isSame && known.identity === identity) return tell(file, known.matches, { group, outcomes })
  const text = looked.text()
  const content = print(text)
  const isClean = group.patterns.every((pattern) => !mayMatch(pattern.needed, text))
  if (!(isSame && known.content === content) && !isClean) return void group.files.push(looked)
  const matches = isClean ? [] : (known?.matches ?? [])
  options.cache?.set(file, { identity, content, set: group.set, matches })
  tell(file, matches, { group, outcomes })
}

function tell(
  file: string,
  matches: KnownFile['matches'],
  { group, outcomes }: { readonly group: Group; readonly outcomes: Outcome[] },
): void {
  for (const [at, line, column, shown] of matches) {
    const outcome = outcomes[group.patterns[at]?.index ?? -1]
    if (Array.isArray(outcome)) outcome.push({ file, line, column, text: shown })
  }
}

async function matchGroup(group: Group, { outcomes, options }: Matching): Promise<void> {
  const joined = group.files.length < worthJoining ? null : joinPatterns(group.patterns.map((pattern) => pattern.config))
  const together = joined === null ? null : await matchTogether(group.files, joined, options.root)
  for (const { file, identity, text } of group.files) {
    options.signal?.throwIfAborted()
    const content = text()
    const matches = together?.get(file) ?? (await parseAndMatch({ file, group, outcomes }, content))
    const isWhole = group.patterns.every((pattern) => Array.isArray(outcomes[pattern.index]))
    if (isWhole) options.cache?.set(file, { identity, content: print(content), set: group.set, matches })
    tell(file, matches, { group, outcomes })
  }
}

/** Below this many files, reading the rules for each costs less than joining them. */
const worthJoining = 3

interface Pattern {
  readonly key: string
  /** As it is written. */
  readonly rule: unknown
  /** Those that it has to be code in one of; none where that is not asked. */
  readonly languages: readonly PatternLanguage[]
  readonly config: NapiConfig
  readonly extensions: readonly string[]
  readonly needed: ReturnType<typeof neededWords>
}

function compile(check: PatternCheck): Pattern | CoxError {
  const extensions = extensionsOf(check.language)
  if (extensions === null)
    return brokenCheck(
      `"${check.language.toLowerCase()}" is not a language that patterns can be written in`,
      `Use one of: ${patternLanguages.join(', ')}.`,
    )
  return {
    key: print(JSON.stringify(check)),
    rule: 'pattern' in check ? check.pattern : check.match,
    languages: parsersOf(check.language),
    config: ruleObject(check),
    extensions,
    needed: neededWords(check),
  }
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

interface FileJob {
  readonly file: string
  readonly group: Group
  readonly outcomes: Outcome[]
}

/** The native parser is loaded when the first file has to be parsed: a tree that is known costs no more than its stamps. */
async function parseAndMatch({ file, group, outcomes }: FileJob, text: string): Promise<KnownFile['matches']> {
  const { Lang: langs, parse } = await import('@ast-grep/napi')
  const root = parse(languageOf(langs, extname(file)), text).root()
  return group.patterns.flatMap((pattern, at) => {
    if (outcomes[pattern.index] instanceof CoxError || !mayMatch(pattern.needed, text)) return []
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

function print(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 16)
}

function brokenCheck(message: string, hint: string, cause?: unknown): CoxError {
  return new CoxError('CHECK_BROKEN', message, { hint, ...(cause === undefined ? {} : { cause }) })
}
