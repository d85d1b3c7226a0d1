import { join } from 'node:path'
import { readText } from '@coxswain/constraints'
import { mapLimit } from '@coxswain/kernel'
import { jsonWithComments } from '@coxswain/meaning'
import { staticObjects } from './static-value.ts'

export interface LinterRule {
  readonly linter: 'eslint' | 'oxlint' | 'biome' | 'dependency-cruiser' | 'nx'
  /** With its plugin's prefix, as the configuration writes it. */
  readonly name: string
  readonly options: readonly unknown[]
  readonly file: string
  /** Where the configuration names it first. */
  readonly line: number
  readonly isOn: boolean
  /** The globs it is set for, relative to its configuration's folder; null when it is set for all. Later settings win. */
  readonly files: readonly string[] | null
}

export interface LinterSetup {
  /** In the order of the configuration: on and off. */
  readonly rules: readonly LinterRule[]
  /** Formatters that have a configuration. */
  readonly formatters: readonly string[]
  /** Configuration files whose rules could not all be read without running them. */
  readonly partlyRead: readonly string[]
}

const configFile =
  /(?:^|\/)(?:eslint\.config\.[cm]?[jt]s|\.eslintrc(?:\.(?:json|js|cjs|ya?ml))?|\.?oxlintrc\.jsonc?|oxlint\.config\.ts|biome\.jsonc?|\.dependency-cruiser\.(?:js|cjs|mjs|json))$/
const formatterFile =
  /(?:^|\/)(?:\.prettierrc(?:\..+)?|prettier\.config\.[cm]?[jt]s|dprint\.json|\.oxfmtrc\.jsonc?|biome\.jsonc?|\.editorconfig)$/

/** Configuration that is the subject of tests and documentation governs nothing here. */
function isSample(file: string): boolean {
  return /(?:^|\/)(?:__)?(?:fixtures?|templates?|examples?|samples?|sample-[\w-]+|mocks?|tests?|testdata|test-data)(?:__)?\//.test(
    file,
  )
}

/** What the repository's own linters already enforce, read as data: configuration in JavaScript is parsed, never run. */
export async function readLinterSetup(root: string, files: readonly string[]): Promise<LinterSetup> {
  const configs = files.filter((file) => file === 'package.json' || (configFile.test(file) && !isSample(file)))
  const read = await mapLimit(configs, 8, async (file) => ({ file, text: await textOf(root, file) }))
  const rules = read.flatMap(({ file, text }) => (text === null ? [] : rulesOf(file, text)))
  const partlyRead = read
    .filter(({ file, text }) => /\.[cm]?[jt]s$/.test(file) && text !== null && /extends|\.configs\.|\.\.\./.test(text))
    .map(({ file }) => file)
  const formatters = [...new Set(files.filter((file) => formatterFile.test(file)).map((file) => file.split('/').at(-1) ?? file))]
  return { rules, formatters, partlyRead }
}

async function textOf(root: string, file: string): Promise<string | null> {
  const read = await readText(join(root, file))
  return read?.kind === 'text' && read.text.length < 1_000_000 ? read.text : null
}

function rulesOf(file: string, text: string): LinterRule[] {
  const objects = /\.(?:[cm]?[jt]s)$/.test(file) ? staticObjects(file, text) : [jsonWithComments(text)]
  const lineOf = (name: string): number => lineNaming(text, name)
  if (/dependency-cruiser/.test(file)) return objects.flatMap((object) => forbiddenOf(object, { file, lineOf }))
  if (file === 'package.json') return objects.flatMap((object) => legacyRules(object['eslintConfig'], { file, lineOf }))
  const linter = /biome/.test(file) ? 'biome' : /oxlint/.test(file) ? 'oxlint' : 'eslint'
  return objects.flatMap((object) => lintRules(object, { file, linter, files: null, lineOf }))
}

function legacyRules(config: unknown, place: { readonly file: string; readonly lineOf: (name: string) => number }): LinterRule[] {
  return isRecord(config) ? lintRules(config, { ...place, linter: 'eslint', files: null }) : []
}

function lintRules(
  object: Readonly<Record<string, unknown>>,
  place: Pick<LinterRule, 'linter' | 'file' | 'files'> & { readonly lineOf: (name: string) => number },
): LinterRule[] {
  const files = 'files' in object ? stringsOf(object['files']) : place.files
  const own = isRecord(object['rules']) ? Object.entries(object['rules']) : []
  const biome =
    isRecord(object['linter']) && isRecord(object['linter']['rules'])
      ? Object.values(object['linter']['rules']).flatMap((group) => (isRecord(group) ? Object.entries(group) : []))
      : []
  const overrides = Array.isArray(object['overrides'])
    ? object['overrides'].filter(isRecord).flatMap((one) => lintRules(one, place))
    : []
  const named = [...own, ...biome].flatMap(([name, setting]): LinterRule[] => {
    const options: readonly unknown[] = Array.isArray(setting) ? setting.slice(1) : []
    const linter = name.includes('enforce-module-boundaries') ? 'nx' : place.linter
    return [{ linter, name, options, file: place.file, line: place.lineOf(name), isOn: isOn(setting), files }]
  })
  return [...named, ...overrides]
}

/** A line that holds the name as a word in quotes or as a key; the first one where that cannot be told. */
function lineNaming(text: string, name: string): number {
  const at = [`'${name}'`, `"${name}"`, `\`${name}\``, name].map((word) => text.indexOf(word)).find((index) => index !== -1)
  return at === undefined ? 1 : text.slice(0, at).split('\n').length
}

function isOn(setting: unknown): boolean {
  const level: unknown = Array.isArray(setting) ? setting[0] : isRecord(setting) ? setting['level'] : setting
  return level === 'error' || level === 'warn' || level === 'deny' || level === 2 || level === 1
}

function forbiddenOf(
  object: Readonly<Record<string, unknown>>,
  { file, lineOf }: { readonly file: string; readonly lineOf: (name: string) => number },
): LinterRule[] {
  const forbidden = Array.isArray(object['forbidden']) ? object['forbidden'].filter(isRecord) : []
  return forbidden.flatMap((rule) => {
    const name = rule['name']
    if (typeof name !== 'string') return []
    return [{ linter: 'dependency-cruiser', name, options: [rule], file, line: lineOf(name), isOn: true, files: null } as const]
  })
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function stringsOf(value: unknown): string[] {
  return (Array.isArray(value) ? value.flat() : [value]).filter((one) => typeof one === 'string')
}
