import { globTest, leavesTree } from '@coxswain/constraints'
import type { LinterRow } from '../phrases/meaning.ts'
import type { ConfigLayer, LinterConfig, RuleSetting } from './linter-config.ts'

/** Whether a rule really fails what a table's row says, for one file. `why` names what is missing. */
export type RuleState =
  | { readonly kind: 'error'; readonly rule: string; readonly file: string; readonly line: number }
  | { readonly kind: 'not'; readonly why: string }

/** Only what is certain counts: a setting that cannot be read, may be overridden or may ignore the file enforces nothing. */
export function ruleState(configs: readonly LinterConfig[], row: LinterRow, path: string): RuleState {
  const governing = governingConfigs(configs, row, path)
  if (governing.length === 0) return not(`no configuration of ${row.linter} holds for ${path}`)
  const unread = governing.find((config) => config.unread !== null)
  if (unread !== undefined) return not(unread.unread ?? '')
  if (mixesForms(governing)) return not(`several configurations of ${row.linter} hold for ${path}`)
  const ignoring = governing.find((config) => isLeftOut(config, path))
  if (ignoring !== undefined) return not(`${ignoring.file} may leave out ${path}`)
  if (!governing.some((config) => looksAt(config, path))) return not(`${row.linter} is not told to look at ${path}`)
  return settled(governing, row, path)
}

function not(why: string): RuleState {
  return { kind: 'not', why }
}

function governingConfigs(configs: readonly LinterConfig[], row: LinterRow, path: string): LinterConfig[] {
  const above = configs
    .filter((config) => config.linter === row.linter && isIn(path, homeOf(config)))
    .toSorted((a, b) => homeOf(a).length - homeOf(b).length)
  if (row.linter === 'oxlint') return above.slice(-1)
  const top = above.findLastIndex((config) => config.form === 'cascading' && config.isRoot)
  return above.every(({ form }) => form === 'cascading') && top > 0 ? above.slice(top) : above
}

function mixesForms(governing: readonly LinterConfig[]): boolean {
  const isCascade = governing.every(({ form }) => form === 'cascading')
  return governing.length > 1 && !(isCascade && new Set(governing.map(homeOf)).size === governing.length)
}

interface Settled {
  readonly setting: RuleSetting
  readonly rule: string
  readonly config: LinterConfig
}

function settled(governing: readonly LinterConfig[], row: LinterRow, path: string): RuleState {
  let last: Settled | null = null as Settled | null
  let why = `${row.linter} does not set ${row.rules[0] ?? ''}`
  for (const config of governing) {
    for (const layer of config.layers) {
      const match = layerMatch(layer, insideOf(config, path), config)
      if (match === 'no') continue
      if (layer.isOpaque && last !== null) [last, why] = [null, `${config.file} may set ${row.rules[0] ?? ''} anew for ${path}`]
      for (const [name, setting] of namedAlike(layer, row)) {
        const isCertain = row.rules.includes(name) && setting.level === 'error' && match === 'must'
        why = `${config.file} has ${name} weaker than an error, or not for certain, for ${path}`
        const options: readonly unknown[] | null = setting.options ?? last?.setting.options ?? null
        last = isCertain ? { setting: { ...setting, options }, rule: name, config } : null
      }
    }
  }
  if (last === null) return not(why)
  if (!row.isWhole(last.setting.options ?? []))
    return not(`${last.config.file} sets ${last.rule} with options that say less or another thing`)
  return {
    kind: 'error',
    rule: `${row.linter} ${last.rule}`,
    file: last.config.file,
    line: lineNaming(last.config.text, last.rule),
  }
}

/** A rule by another of its names may be the same one: it can take away, and never give. */
function namedAlike(layer: ConfigLayer, row: LinterRow): (readonly [string, RuleSetting])[] {
  const lasts = new Set(row.rules.map(lastPart))
  return Object.entries(layer.rules).filter(([name]) => row.rules.includes(name) || lasts.has(lastPart(name)))
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1)
}

/** `may`: only under one reading of the globs, which linters read differently. */
function layerMatch(layer: ConfigLayer, inside: string, { form }: LinterConfig): 'must' | 'may' | 'no' {
  const isOut = layer.except.length > 0 && either(layer.except, inside)
  if (layer.files === null) return isOut ? 'may' : 'must'
  if (!either(layer.files, inside)) return 'no'
  const reading = form === 'flat' || form === 'single' ? layer.files : layer.files.map(atAnyDepth)
  return !isOut && layer.files.every((glob) => !glob.startsWith('!')) && tests(reading, inside) ? 'must' : 'may'
}

function looksAt(config: LinterConfig, path: string): boolean {
  if (config.readsTypeScript || /\.[cm]?jsx?$/.test(path)) return true
  return config.layers.some(
    (layer) =>
      layer.files !== null &&
      !layer.files.every((glob) => /(?:^|\/)\*+$/.test(glob)) &&
      layerMatch(layer, insideOf(config, path), config) === 'must',
  )
}

function isLeftOut(config: LinterConfig, path: string): boolean {
  const inside = insideOf(config, path)
  const isIgnored = config.ignores.some((pattern) => pattern.startsWith('!') || ignores(pattern, inside))
  if (config.includes === null) return isIgnored
  const taken = config.includes.findLast(
    (glob) => tests([glob.replace(/^!+/, '')], inside) || ignores(glob.replace(/^!+/, ''), inside),
  )
  return isIgnored || taken === undefined || taken.startsWith('!') || !tests([taken], inside)
}

/** As a line of `.gitignore` or as a glob: one that could leave the file out does. */
function ignores(pattern: string, path: string): boolean {
  if (leavesTree(pattern.replace(/^\//, ''))) return true
  const plain = pattern.replace(/^\.?\//, '').replace(/\/+$/, '')
  return plain !== '' && either([plain, `${plain}/**`], path)
}

function either(globs: readonly string[], path: string): boolean {
  const plain = globs.map((glob) => glob.replace(/^!+/, '').replace(/^\.\//, ''))
  return tests([...plain, ...plain.map((glob) => `**/${glob}`)], path)
}

function atAnyDepth(glob: string): string {
  return glob.includes('/') ? glob : `**/${glob}`
}

function tests(globs: readonly string[], path: string): boolean {
  const readable = globs.filter((glob) => glob !== '' && !leavesTree(glob))
  return readable.length > 0 && globTest(readable)(path)
}

function homeOf({ file }: LinterConfig): string {
  return file.slice(0, Math.max(0, file.lastIndexOf('/')))
}

function insideOf(config: LinterConfig, path: string): string {
  const home = homeOf(config)
  return home === '' ? path : path.slice(home.length + 1)
}

function isIn(path: string, home: string): boolean {
  return home === '' || path.startsWith(`${home}/`)
}

function lineNaming(text: string, rule: string): number {
  const at = [`'${rule}'`, `"${rule}"`, rule].map((word) => text.indexOf(word)).find((index) => index !== -1) ?? 0
  return text.slice(0, at).split('\n').length
}
