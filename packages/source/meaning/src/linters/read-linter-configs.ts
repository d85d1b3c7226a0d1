import { join } from 'node:path'
import { compareText, readText } from '@coxswain/constraints'
import { mapLimit } from '@coxswain/kernel'
import { isRecord } from '../phrases/linter-rows.ts'
import { readFlatConfig } from './flat-config.ts'
import {
  linterConfig,
  ruleSetting,
  ruleSettings,
  stringsIn,
  unreadConfig,
  type ConfigLayer,
  type LinterConfig,
  type RuleSetting,
} from './linter-config.ts'
import { jsonWithComments } from './json-with-comments.ts'

type Data = Readonly<Record<string, unknown>>
type Head = Pick<LinterConfig, 'file' | 'text'>

const readers: readonly (readonly [RegExp, (head: Head) => LinterConfig])[] = [
  [/(?:^|\/)eslint\.config\.[cm]?[jt]s$/, ({ file, text }) => readFlatConfig(file, text)],
  [/(?:^|\/)\.eslintrc(?:\.(?:json|ya?ml))?$/, (head) => readCascading(head, jsonWithComments(head.text))],
  [
    /(?:^|\/)\.eslintrc\.c?js$/,
    (head) => unreadConfig({ ...head, linter: 'eslint', form: 'cascading' }, `${head.file} is a program`),
  ],
  [/(?:^|\/)package\.json$/, readPackage],
  [/(?:^|\/)\.?oxlintrc\.jsonc?$/, (head) => readOxlint(head, jsonWithComments(head.text))],
  [
    /(?:^|\/)oxlint\.config\.[cm]?[jt]s$/,
    (head) => unreadConfig({ ...head, linter: 'oxlint', form: 'nearest' }, `${head.file} is a program`),
  ],
  [/(?:^|\/)\.?biome\.jsonc?$/, (head) => readBiome(head, jsonWithComments(head.text))],
]

/** The configurations of the linters whose rules stand in the table, as far as they are certain. */
export async function readLinterConfigs(root: string, files: readonly string[]): Promise<LinterConfig[]> {
  const named = files.flatMap((file) => {
    const reader = readers.find(([pattern]) => pattern.test(file))?.[1]
    return reader === undefined ? [] : [{ file, reader }]
  })
  const found = await mapLimit(named, 8, async ({ file, reader }) => {
    const read = await readText(join(root, file))
    if (read?.kind !== 'text' || read.text.length > 1_000_000) return []
    const config = reader({ file, text: read.text.replace(/^\uFEFF/, '') })
    return config.file === '' ? [] : [config]
  })
  const ignored = new Set(files.filter((file) => /(?:^|\/)\.eslintignore$/.test(file)).map(folderOf))
  return found
    .flat()
    .map((config) =>
      config.linter !== 'biome' && config.form !== 'flat' && ignored.has(folderOf(config.file))
        ? { ...config, unread: `an .eslintignore stands beside ${config.file}` }
        : config,
    )
    .toSorted((a, b) => compareText(a.file, b.file))
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

function readPackage(head: Head): LinterConfig {
  const own = jsonWithComments(head.text)['eslintConfig']
  return isRecord(own) ? readCascading(head, own) : linterConfig({ file: '', text: '', linter: 'eslint', form: 'cascading' })
}

/** Shared configurations that ignore no file: what comes after them wins. */
const sharedWithoutIgnores =
  /^(?:eslint:(?:recommended|all)|prettier|plugin:(?:@typescript-eslint|import|import-x|prettier|react|react-hooks|unicorn|jsx-a11y|jest|vitest|n|promise)\/[\w/-]+)$/

function readCascading(head: Head, data: Data): LinterConfig {
  const parts = { ...head, linter: 'eslint', form: 'cascading', isRoot: data['root'] === true, readsTypeScript: false } as const
  const unknown = stringsIn(data['extends']).find((one) => !sharedWithoutIgnores.test(one))
  if (Object.keys(data).length === 0) return unreadConfig(parts, `${head.file} holds no settings that can be read`)
  if (unknown !== undefined) return unreadConfig(parts, `${head.file} extends ${unknown}, which is not read`)
  const overrides = listOf(data['overrides']).map((one): ConfigLayer => ({
    files: stringsIn(one['files']),
    except: stringsIn(one['excludedFiles']),
    rules: ruleSettings(one['rules']),
    isOpaque: 'extends' in one,
  }))
  const layers = [{ files: null, except: [], rules: ruleSettings(data['rules']), isOpaque: false }, ...overrides]
  return linterConfig({ ...parts, layers, ignores: stringsIn(data['ignorePatterns']) })
}

const oxlintPlugins = ['eslint', 'typescript', 'unicorn', 'oxc']

function readOxlint(head: Head, data: Data): LinterConfig {
  const parts = { ...head, linter: 'oxlint', form: 'nearest' } as const
  if (Object.keys(data).length === 0) return unreadConfig(parts, `${head.file} holds no settings that can be read`)
  if (stringsIn(data['extends']).length > 0) return unreadConfig(parts, `${head.file} extends another file, which is not read`)
  const plugins = Array.isArray(data['plugins']) ? ['eslint', ...stringsIn(data['plugins'])] : oxlintPlugins
  const base: ConfigLayer = { files: null, except: [], rules: ofPlugins(data['rules'], plugins), isOpaque: false }
  const overrides = listOf(data['overrides']).map((one): ConfigLayer => {
    const own = [...plugins, ...stringsIn(one['plugins'])]
    return {
      files: stringsIn(one['files']),
      except: stringsIn(one['excludeFiles']),
      rules: ofPlugins(one['rules'], own),
      isOpaque: false,
    }
  })
  return linterConfig({ ...parts, layers: [base, ...overrides], ignores: stringsIn(data['ignorePatterns']) })
}

/** A rule of a plugin that is not switched on does nothing. */
function ofPlugins(rules: unknown, plugins: readonly string[]): Readonly<Record<string, RuleSetting>> {
  const isThere = (name: string): boolean => {
    const prefix = /^(.+)\/[^/]+$/.exec(name)?.[1]?.replace('@typescript-eslint', 'typescript') ?? 'eslint'
    return plugins.map((plugin) => plugin.replace('@typescript-eslint', 'typescript')).includes(prefix)
  }
  const settings = Object.entries(ruleSettings(rules))
  return Object.fromEntries(
    settings.map(([name, setting]) => [name, isThere(name) ? setting : ({ level: 'weaker', options: null } as const)]),
  )
}

function readBiome(head: Head, data: Data): LinterConfig {
  const parts = { ...head, linter: 'biome', form: 'single', isRoot: data['root'] !== false } as const
  const linter = recordOf(data['linter'])
  const files = recordOf(data['files'])
  if (Object.keys(data).length === 0) return unreadConfig(parts, `${head.file} holds no settings that can be read`)
  if (stringsIn(data['extends']).length > 0) return unreadConfig(parts, `${head.file} extends another file, which is not read`)
  const older = [linter, files, ...listOf(data['overrides'])].some((one) => 'include' in one || 'ignore' in one)
  if (older) return unreadConfig(parts, `${head.file} chooses files in the way of Biome 1, which is not read`)
  if (linter['enabled'] === false) return linterConfig(parts)
  const lists = [files['includes'], linter['includes']].filter((one) => one !== undefined).map(stringsIn)
  if (lists.length > 1) return unreadConfig(parts, `${head.file} chooses files twice`)
  const base: ConfigLayer = { files: null, except: [], rules: biomeRules(linter['rules']).rules, isOpaque: false }
  const overrides = listOf(data['overrides']).map((one): ConfigLayer => {
    const own = recordOf(one['linter'])
    const { rules, isOpaque } = biomeRules(own['rules'])
    const includes = stringsIn(one['includes'])
    const isWhole = !includes.some((glob) => glob.startsWith('!'))
    return { files: isWhole ? includes : ['**'], except: [], rules, isOpaque: isOpaque || own['enabled'] === false || !isWhole }
  })
  return linterConfig({ ...parts, layers: [base, ...overrides], includes: lists[0] ?? null })
}

/** Opaque: it sets a whole group, or all of them. */
function biomeRules(value: unknown): Pick<ConfigLayer, 'rules' | 'isOpaque'> {
  const groups = Object.entries(recordOf(value))
  const rules = groups.flatMap(([, group]) => Object.entries(recordOf(group)))
  return {
    rules: Object.fromEntries(rules.map(([name, setting]) => [name, ruleSetting(setting)])),
    isOpaque: groups.some(([, group]) => !isRecord(group)) || rules.some(([name]) => name === 'all' || name === 'recommended'),
  }
}

function recordOf(value: unknown): Data {
  return isRecord(value) ? value : {}
}

function listOf(value: unknown): readonly Data[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}
