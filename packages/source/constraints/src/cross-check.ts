import { checksOf, type Constraint, type RuleCheck } from './constraint.ts'
import { nearestWord } from './nearest-word.ts'
import { extensionsOf, patternLanguages } from './pattern-languages.ts'
import { compareText, errorAt, warningAt, type Place, type Problem } from './problem.ts'
import { filesUnder, globBase, globTest, leavesTree, scopeTest } from './scope.ts'

export interface CrossCheckOptions {
  /** The tree's files, sorted; empty when they are not known. */
  readonly files: readonly string[]
  /** `YYYY-MM-DD`: an exemption holds until the end of its day. */
  readonly today: string
  /** The line of a constraint's file that holds the words; without it, the line of the id. */
  readonly lineOf?: (constraint: Constraint, words: string) => number
}

/** What only all constraints together show: duplicates, unknown targets, cycles, conflicts, scopes that match nothing; and what the day shows. */
export function crossCheck(
  found: readonly Constraint[],
  { files, today, lineOf = () => 2 }: CrossCheckOptions,
): { constraints: Constraint[]; problems: Problem[] } {
  const placeOf: PlaceOf = (constraint, words) => ({ file: constraint.file, line: lineOf(constraint, words) })
  const byId = new Map<string, Constraint>()
  const problems: Problem[] = []
  for (const constraint of found) {
    const first = byId.get(constraint.id)
    if (first === undefined) byId.set(constraint.id, constraint)
    else
      problems.push(
        errorAt(
          placeOf(constraint, `id: ${constraint.id}`),
          'ID_TWICE',
          `The id \`${constraint.id}\` is already used by ${first.file}`,
          'Give one of the two another id.',
        ),
      )
  }
  const constraints = [...byId.values()].toSorted((a, b) => compareText(a.id, b.id))
  const isEmpty = emptyGlobTest(files)
  const hasFileOf = languageTest(files)
  const isThere = pathTest(files)
  for (const constraint of constraints) {
    problems.push(
      ...referenceProblems(constraint, { byId, placeOf }),
      ...linkProblems(constraint, { isThere, placeOf }),
      ...scopeProblems(constraint, { isEmpty, placeOf }),
      ...languageProblems(constraint, { isEmpty, hasFileOf, placeOf }),
      ...expiredExemptions(constraint, { today, placeOf }),
    )
  }
  const graph = { byId, placeOf }
  problems.push(...cycleProblems(constraints, graph, 'overrides'), ...cycleProblems(constraints, graph, 'see'))
  problems.push(...conflictProblems(constraints, { files, placeOf }))
  return { constraints, problems }
}

type PlaceOf = (constraint: Constraint, words: string) => Place

interface Graph {
  readonly byId: ReadonlyMap<string, Constraint>
  readonly placeOf: PlaceOf
}

/** A `see` entry that names no path and no address names a constraint. */
export function isConstraintReference(entry: string): boolean {
  return /^[a-z][a-z0-9-]*$/.test(entry)
}

function referenceProblems(constraint: Constraint, { byId, placeOf }: Graph): Problem[] {
  const targets = [
    ...constraint.overrides.map((id) => ({ key: 'overrides', id })),
    ...constraint.see.filter(isConstraintReference).map((id) => ({ key: 'see', id })),
  ]
  return targets
    .filter(({ id }) => !byId.has(id))
    .map(({ key, id }) => {
      const near = nearestWord(id, [...byId.keys()])
      const hint = near === null ? 'Name an existing constraint, or a path with a `/`.' : `Did you mean \`${near}\`?`
      return errorAt(placeOf(constraint, id), 'REFERENCE_UNKNOWN', `\`${key}\` names \`${id}\`, which does not exist`, hint)
    })
}

/** A `see` entry that names a path of the tree; addresses are nobody's to try here. */
function linkProblems(
  constraint: Constraint,
  { isThere, placeOf }: { readonly isThere: (path: string) => boolean; readonly placeOf: PlaceOf },
): Problem[] {
  const paths = constraint.see.filter((entry) => !isConstraintReference(entry) && !/^[a-z][a-z0-9+.-]*:/i.test(entry))
  return paths
    .filter((entry) => !isThere(entry.replace(/#.*$/, '').replace(/^\.\//, '').replace(/\/$/, '')))
    .map((entry) =>
      warningAt(
        placeOf(constraint, entry),
        'LINK_BROKEN',
        `\`see\` names \`${entry}\`, which is not in the tree`,
        'Correct the path, relative to the root.',
      ),
    )
}

function pathTest(files: readonly string[]): (path: string) => boolean {
  const known = new Set(files)
  return (path) => files.length === 0 || known.has(path) || filesUnder(files, path).length > 0
}

function expiredExemptions(
  constraint: Constraint,
  { today, placeOf }: { readonly today: string; readonly placeOf: PlaceOf },
): Problem[] {
  return constraint.exemptions
    .filter((exemption) => exemption.expires < today)
    .map(({ path, owner, expires, reason }) =>
      warningAt(
        placeOf(constraint, path),
        'EXEMPTION_EXPIRED',
        `The exemption of \`${path}\` by ${owner} ended on ${expires} and exempts nothing any more: ${reason}`,
        'Repair what it exempted and delete it, or agree on another day.',
      ),
    )
}

function scopeProblems(
  constraint: Constraint,
  { isEmpty, placeOf }: { readonly isEmpty: (glob: string) => boolean; readonly placeOf: PlaceOf },
): Problem[] {
  return (
    constraint.scope
      // What leaves the tree is told of where its file is read.
      .filter((glob) => isEmpty(glob) && !leavesTree(glob))
      .map((glob) =>
        warningAt(
          placeOf(constraint, glob),
          'SCOPE_EMPTY',
          `The scope \`${glob}\` matches no file`,
          'Correct the glob, or retire the constraint.',
        ),
      )
  )
}

interface LanguageQuestion {
  readonly isEmpty: (glob: string) => boolean
  readonly hasFileOf: (glob: string, language: string) => boolean
  readonly placeOf: PlaceOf
}

/** A pattern that looks at no file is silent, and would look obeyed. */
function languageProblems(constraint: Constraint, { isEmpty, hasFileOf, placeOf }: LanguageQuestion): Problem[] {
  if (constraint.scope.every((glob) => isEmpty(glob))) return []
  const languages = checksOf(constraint).flatMap((check) => ('language' in check ? [check.language] : []))
  return languages
    .filter((language) => !constraint.scope.some((glob) => hasFileOf(glob, language)))
    .map((language) =>
      warningAt(
        placeOf(constraint, 'language'),
        'LANGUAGE_ABSENT',
        `No file in scope is of the language ${language}, so the pattern looks at none`,
        `Correct \`language\` (${patternLanguages.join(', ')}), or the scope.`,
      ),
    )
}

function languageTest(files: readonly string[]): (glob: string, language: string) => boolean {
  const known = new Map<string, boolean>()
  return (glob, language) => {
    const extensions = extensionsOf(language)
    if (extensions === null || files.length === 0) return true // said of the language itself; nothing is known of the tree
    const question = `${language}\0${glob}`
    const isIn = globTest([glob])
    const has =
      known.get(question) ??
      filesUnder(files, globBase(glob)).some((file) => extensions.some((ending) => file.endsWith(ending)) && isIn(file))
    known.set(question, has)
    return has
  }
}

/** Constraints share scopes, so each glob is tried on the tree once. */
function emptyGlobTest(files: readonly string[]): (glob: string) => boolean {
  const known = new Map<string, boolean>()
  return (glob) => {
    const isEmpty = known.get(glob) ?? (files.length > 0 && !filesUnder(files, globBase(glob)).some(globTest([glob])))
    known.set(glob, isEmpty)
    return isEmpty
  }
}

function cycleProblems(constraints: readonly Constraint[], { byId, placeOf }: Graph, key: 'overrides' | 'see'): Problem[] {
  const reported = new Set<string>()
  return constraints.flatMap((constraint) => {
    const cycle = findCycle(constraint, byId, key)
    if (cycle === null || cycle.some((id) => reported.has(id))) return []
    for (const id of cycle) reported.add(id)
    const severity = key === 'overrides' ? 'error' : 'warning'
    return [
      {
        ...errorAt(
          placeOf(constraint, `${key}:`),
          'REFERENCE_CYCLE',
          `\`${key}\` runs in a circle: ${[...cycle, constraint.id].join(' → ')}`,
          'Remove one of the links.',
        ),
        severity,
      },
    ]
  })
}

function findCycle(start: Constraint, byId: ReadonlyMap<string, Constraint>, key: 'overrides' | 'see'): string[] | null {
  const seen = new Set<string>()
  const open: { readonly id: string; readonly trail: readonly string[] }[] = [{ id: start.id, trail: [start.id] }]
  for (let step = open.pop(); step !== undefined; step = open.pop()) {
    for (const next of byId.get(step.id)?.[key] ?? []) {
      if (next === start.id) return [...step.trail]
      if (seen.has(next) || !byId.has(next)) continue
      seen.add(next)
      open.push({ id: next, trail: [...step.trail, next] })
    }
  }
  return null
}

interface RuleUse {
  readonly constraint: Constraint
  readonly check: RuleCheck
}

/** The same built-in rule configured differently for a common file, with nobody said to win. */
function conflictProblems(
  constraints: readonly Constraint[],
  { files, placeOf }: { readonly files: readonly string[]; readonly placeOf: PlaceOf },
): Problem[] {
  const byRule = Map.groupBy(
    constraints.flatMap((constraint) =>
      checksOf(constraint).flatMap((check): RuleUse[] => ('rule' in check ? [{ constraint, check }] : [])),
    ),
    (use) => use.check.rule,
  )
  return [...byRule.values()].flatMap((uses) =>
    uses.flatMap((use, index) =>
      uses.slice(0, index).flatMap((other) => {
        const shared = isSettled(use, other) ? undefined : sharedFile(use.constraint, other.constraint, files)
        if (shared === undefined) return []
        const message = `\`${use.constraint.id}\` and \`${other.constraint.id}\` configure the rule \`${use.check.rule}\` differently for ${shared}`
        return [
          errorAt(
            placeOf(use.constraint, use.check.rule),
            'CONSTRAINT_CONFLICT',
            message,
            `Name the loser in \`overrides\`, or make the scopes disjoint.`,
          ),
        ]
      }),
    ),
  )
}

function isSettled(a: RuleUse, b: RuleUse): boolean {
  if (a.constraint.overrides.includes(b.constraint.id) || b.constraint.overrides.includes(a.constraint.id)) return true
  return JSON.stringify(a.check.options) === JSON.stringify(b.check.options) && a.constraint.severity === b.constraint.severity
}

function sharedFile(a: Constraint, b: Constraint, files: readonly string[]): string | undefined {
  const inA = scopeTest(a)
  const inB = scopeTest(b)
  return files.find((file) => inA(file) && inB(file))
}
