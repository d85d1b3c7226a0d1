import type { LinterName, LinterRow } from './meaning.ts'

type Whole = LinterRow['isWhole']

/** Plugins go by several names; a bare name is a rule of the linter itself. */
export function rows(names: Readonly<Partial<Record<LinterName, readonly string[]>>>, isWhole: Whole = isPlain): LinterRow[] {
  const linters: readonly LinterName[] = ['eslint', 'oxlint', 'biome']
  return linters.flatMap((linter) => {
    const rules = names[linter]
    return rules === undefined ? [] : [{ linter, rules, isWhole }]
  })
}

/** A rule of typescript-eslint by its names in ESLint and oxlint. */
export function typescriptRule(name: string): Readonly<Partial<Record<LinterName, readonly string[]>>> {
  return { eslint: [`@typescript-eslint/${name}`], oxlint: [`typescript/${name}`, `@typescript-eslint/${name}`] }
}

/** A rule of ESLint itself, which oxlint has too. */
export function coreRule(name: string): Readonly<Partial<Record<LinterName, readonly string[]>>> {
  return { eslint: [name], oxlint: [name, `eslint/${name}`] }
}

/** Options may narrow a rule: what is not known to keep it whole does not. */
export function isPlain(options: readonly unknown[]): boolean {
  return options.every((option) => isRecord(option) && Object.keys(option).length === 0)
}

/** Only these options may be set, each to one of these values. */
export function onlyWith(allowed: Readonly<Record<string, readonly unknown[]>>): Whole {
  return (options) =>
    options.length <= 1 &&
    options.every(
      (option) => isRecord(option) && Object.entries(option).every(([key, value]) => (allowed[key] ?? []).includes(value)),
    )
}

/** The first option is one of these words; `undefined` stands for none. */
export function firstIs(words: readonly (string | undefined)[], rest: readonly unknown[] = []): Whole {
  return (options) => {
    const [first, ...others] = options
    return (
      (first === undefined || typeof first === 'string') &&
      words.includes(first) &&
      others.every((other) => rest.includes(other) || isPlain([other]))
    )
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
