import { defaultExport, exactValue, isNode, keyOf, nodesOf, type Node } from './exact-value.ts'
import { linterConfig, ruleSettings, stringsIn, unreadConfig, type ConfigLayer, type LinterConfig } from './linter-config.ts'

const preset = /^(?:js|eslint|tseslint|typescriptEslint|ts|tsEslint)\.configs\.\w+$/
const opaque: ConfigLayer = { files: null, except: [], rules: {}, isOpaque: true }

interface FlatParts {
  readonly layers: readonly ConfigLayer[]
  readonly ignores: readonly string[]
}

/** ESLint's flat configuration, read and never run: one element that is computed may ignore or switch off anything, and then nothing is known. */
export function readFlatConfig(file: string, text: string): LinterConfig {
  const parts = { linter: 'eslint', form: 'flat', file, text, readsTypeScript: false } as const
  const exported = defaultExport(file, text)
  const elements = exported === null ? null : elementsOf(exported)
  const read = elements?.map(elementParts) ?? [null]
  if (read.includes(null)) return unreadConfig(parts, `${file} computes its configuration`)
  const known = read.flatMap((one) => (one === null ? [] : [one]))
  return linterConfig({
    ...parts,
    layers: known.flatMap(({ layers }) => layers),
    ignores: known.flatMap(({ ignores }) => ignores),
  })
}

function elementsOf(node: Node): readonly Node[] | null {
  if (node['type'] === 'ArrayExpression') return nodesOf(node['elements'])
  if (node['type'] === 'ObjectExpression') return [node]
  if (node['type'] !== 'CallExpression' || !/^(?:defineConfig|(?:tseslint|ts)\.config)$/.test(nameOf(node['callee']))) return null
  return nodesOf(node['arguments']).flatMap((one) => (one['type'] === 'ArrayExpression' ? nodesOf(one['elements']) : [one]))
}

function elementParts(node: Node): FlatParts | null {
  const inner = node['type'] === 'SpreadElement' && isNode(node['argument']) ? node['argument'] : node
  if (preset.test(nameOf(inner))) return { layers: [opaque], ignores: [] }
  if (inner['type'] === 'CallExpression' && nameOf(inner['callee']) === 'globalIgnores') {
    const ignores = exactValue(nodesOf(inner['arguments'])[0])
    return ignores === null ? null : { layers: [], ignores: stringsIn(ignores.value) }
  }
  return inner['type'] === 'ObjectExpression' ? objectParts(inner) : null
}

const harmless = new Set(['name', 'languageOptions', 'settings', 'linterOptions', 'plugins'])

function objectParts(node: Node): FlatParts | null {
  const read: Record<string, unknown> = {}
  let isExtended = false
  for (const property of nodesOf(node['properties'])) {
    const key = keyOf(property)
    if (key === null) return null
    if (harmless.has(key)) continue
    if (key === 'extends') {
      const list = isNode(property['value']) ? nodesOf(property['value']['elements']) : []
      if (list.length === 0 || !list.every((one) => preset.test(nameOf(one['type'] === 'SpreadElement' ? one['argument'] : one))))
        return null
      isExtended = true
      continue
    }
    const value = ['files', 'ignores', 'rules'].includes(key) ? exactValue(property['value']) : null
    if (value === null) return null
    read[key] = value.value
  }
  if ('ignores' in read && !('files' in read) && !('rules' in read) && !isExtended)
    return { layers: [], ignores: stringsIn(read['ignores']) }
  // Lists in a list of files mean "both of them".
  if (Array.isArray(read['files']) && read['files'].some((one) => typeof one !== 'string')) return null
  const place = { files: 'files' in read ? stringsIn(read['files']) : null, except: stringsIn(read['ignores']) }
  const layers = [{ ...place, rules: ruleSettings(read['rules']), isOpaque: false }]
  return { layers: isExtended ? [{ ...opaque, ...place }, ...layers] : layers, ignores: [] }
}

function nameOf(node: unknown): string {
  if (!isNode(node)) return ''
  if (node['type'] === 'Identifier') return String(node['name'])
  if (node['type'] !== 'MemberExpression' || !isNode(node['property'])) return ''
  const member = node['computed'] === true ? node['property']['value'] : node['property']['name']
  return `${nameOf(node['object'])}.${String(member)}`
}
