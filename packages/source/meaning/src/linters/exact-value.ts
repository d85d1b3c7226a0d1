import { parseSync } from 'oxc-parser'

export type Node = Readonly<Record<string, unknown>>
export type Exact = { readonly value: unknown } | null

/** What an expression is, when all of it is written down; null when any part is computed. */
export function exactValue(node: unknown): Exact {
  if (!isNode(node)) return null
  switch (node['type']) {
    case 'Literal':
      return 'regex' in node && node['regex'] !== null && node['regex'] !== undefined ? null : { value: node['value'] }
    case 'TemplateLiteral':
      return exactTemplate(node)
    case 'ArrayExpression':
      return exactList(node)
    case 'ObjectExpression':
      return exactObject(node)
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'ParenthesizedExpression':
      return exactValue(node['expression'])
    default:
      return null
  }
}

function exactTemplate(node: Node): Exact {
  const [only, ...others] = nodesOf(node['quasis'])
  const cooked = isNode(only?.['value']) ? only['value']['cooked'] : null
  return others.length === 0 && typeof cooked === 'string' ? { value: cooked } : null
}

function exactList(node: Node): Exact {
  const values = Array.isArray(node['elements']) ? node['elements'].map(exactValue) : []
  return values.includes(null) ? null : { value: values.map((one) => one?.value) }
}

function exactObject(node: Node): Exact {
  const entries = nodesOf(node['properties']).map((property) => {
    const key = keyOf(property)
    const value = exactValue(property['value'])
    return key === null || value === null ? null : ([key, value.value] as const)
  })
  return entries.includes(null) ? null : { value: Object.fromEntries(entries.flatMap((one) => (one === null ? [] : [one]))) }
}

/** A property's name; null for a spread, a computed name and an accessor. */
export function keyOf(property: Node): string | null {
  if (property['type'] !== 'Property' || property['computed'] === true || property['kind'] !== 'init') return null
  const key = isNode(property['key']) ? (property['key']['name'] ?? property['key']['value']) : null
  return typeof key === 'string' && key !== '__proto__' ? key : null
}

/** What a module exports by default, names of its own constants followed; null where there is no such thing or it does not parse. */
export function defaultExport(file: string, text: string): Node | null {
  const { program, errors } = parseSync(file, text)
  if (errors.length > 0) return null
  const body: readonly Node[] = nodesOf(program.body)
  const exported = body.find((one) => one['type'] === 'ExportDefaultDeclaration')?.['declaration'] ?? commonExport(body)
  return follow(exported, body)
}

function commonExport(body: readonly Node[]): unknown {
  for (const { type, expression } of body) {
    if (type !== 'ExpressionStatement' || !isNode(expression) || expression['type'] !== 'AssignmentExpression') continue
    const left = expression['left']
    const [object, property] = isNode(left) ? [left['object'], left['property']] : []
    if (isNode(object) && isNode(property) && object['name'] === 'module' && property['name'] === 'exports')
      return expression['right']
  }
  return null
}

function follow(node: unknown, body: readonly Node[]): Node | null {
  if (!isNode(node)) return null
  if (/^TS(?:As|Satisfies)Expression$|^ParenthesizedExpression$/.test(String(node['type'])))
    return follow(node['expression'], body)
  if (node['type'] !== 'Identifier') return node
  const declared = body
    .filter((one) => one['type'] === 'VariableDeclaration' && one['kind'] === 'const')
    .flatMap((one) => nodesOf(one['declarations']))
    .find(({ id }) => isNode(id) && id['name'] === node['name'])
  return isNode(declared?.['init']) && declared['init']['type'] !== 'Identifier' ? declared['init'] : null
}

export function nodesOf(value: unknown): readonly Node[] {
  return Array.isArray(value) ? value.filter(isNode) : []
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
