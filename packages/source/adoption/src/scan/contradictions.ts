import type { Mention, Statement } from '../read/read-statements.ts'

export interface Contradiction {
  readonly message: string
  readonly places: readonly { readonly file: string; readonly line: number; readonly text: string }[]
}

interface Choice {
  readonly about: string
  readonly options: Readonly<Record<string, RegExp>>
}

/** Questions that have one answer in a repository. Each pattern wants the affirmative form: "never use tabs" is no vote for tabs. */
const choices: readonly Choice[] = [
  {
    about: 'indentation',
    options: {
      tabs: /\b(?:use|indent with|prefer) tabs\b|\btabs for indent/i,
      spaces: /\b(?:use|indent with|prefer) (?:\d|two|four)?[- ]?spaces\b|\b(?:2|4|two|four)[- ]space indent/i,
    },
  },
  { about: 'quotes', options: { single: /\b(?:use|prefer) single[- ]quotes?/i, double: /\b(?:use|prefer) double[- ]quotes?/i } },
  {
    about: 'semicolons',
    options: { with: /\b(?:use|always add|require) semicolons/i, without: /\b(?:no|omit|avoid|without) semicolons/i },
  },
  {
    about: 'exports',
    options: { named: /\b(?:use|prefer|only) named exports?/i, default: /\b(?:use|prefer) default exports?/i },
  },
  {
    about: 'the test runner',
    options: { jest: /\b(?:use|tests? (?:run|are run) with) jest\b/i, vitest: /\b(?:use|tests? (?:run|are run) with) vitest\b/i },
  },
]

/** Sentences that cannot all be followed, and package managers other than the lockfile's. Conservative: silence is no proof. */
export function contradictions(found: {
  readonly statements: readonly Statement[]
  readonly commands: readonly Mention[]
  readonly lockfiles: readonly string[]
}): Contradiction[] {
  return [
    ...choices.flatMap((choice) => conflicting(choice, found.statements)),
    ...foreignManager(found.commands, found.lockfiles),
    ...opposed(found.statements),
  ]
}

function conflicting(choice: Choice, statements: readonly Statement[]): Contradiction[] {
  const votes = Object.entries(choice.options).map(([option, pattern]) => ({
    option,
    by: statements.filter(
      ({ text }) =>
        pattern.test(text) && !/\b(?:never|don't|do not|avoid|not)\b[^.]{0,20}$/i.test(text.slice(0, text.search(pattern))),
    ),
  }))
  const cast = votes.filter((vote) => vote.by.length > 0)
  if (cast.length < 2) return []
  return [
    {
      message: `${choice.about}: ${cast.map((vote) => vote.option).join(' against ')}`,
      places: cast.flatMap((vote) => vote.by.slice(0, 1)).map(placeOf),
    },
  ]
}

const managers: Readonly<Record<string, string>> = {
  'pnpm-lock.yaml': 'pnpm',
  'yarn.lock': 'yarn',
  'package-lock.json': 'npm',
  'bun.lock': 'bun',
  'bun.lockb': 'bun',
}

function foreignManager(commands: readonly Mention[], lockfiles: readonly string[]): Contradiction[] {
  const own = [...new Set(lockfiles.map((file) => managers[file]).filter((name) => name !== undefined))]
  if (own.length !== 1) return []
  const foreign = commands.filter(({ text }) => {
    const used = /^(npm|pnpm|yarn|bun)\s+(?:install|ci|add|run|test|i)\b/.exec(text)?.[1]
    return used !== undefined && used !== own[0] && !/\s(?:-g|--global)\b/.test(text)
  })
  const [first] = foreign
  if (first === undefined) return []
  return [
    {
      message: `${foreign.length === 1 ? '1 command uses' : `${foreign.length} commands use`} another package manager than ${own[0] ?? ''}, whose lockfile is at the root`,
      places: foreign.slice(0, 3),
    },
  ]
}

/** "Always X" somewhere and "never X" elsewhere, about the same words. */
function opposed(statements: readonly Statement[]): Contradiction[] {
  const always = statements.flatMap((statement) => directive(statement, /^(?:always|you must|must)\s+(.{8,80}?)[.;,:]?$/i))
  const never = new Map(
    statements
      .flatMap((statement) => directive(statement, /^(?:never|do not|don't)\s+(.{8,80}?)[.;,:]?$/i))
      .map((one) => [one.words, one.statement]),
  )
  return always.flatMap(({ words, statement }) => {
    const other = never.get(words)
    return other === undefined
      ? []
      : [{ message: `"${statement.text}" against "${other.text}"`, places: [statement, other].map(placeOf) }]
  })
}

function directive(statement: Statement, pattern: RegExp): { readonly words: string; readonly statement: Statement }[] {
  const words = pattern.exec(statement.text)?.[1]
  return words === undefined
    ? []
    : [
        {
          words: words
            .toLowerCase()
            .replaceAll(/[^a-z0-9]+/g, ' ')
            .trim(),
          statement,
        },
      ]
}

function placeOf(statement: Statement): { readonly file: string; readonly line: number; readonly text: string } {
  return { file: statement.file, line: statement.line, text: statement.text }
}
