import { parseSync } from 'oxc-parser'

/** The plain-data parts of a JavaScript or TypeScript file, read without running it. Whatever is computed is absent. */
export function staticObjects(file: string, text: string): Readonly<Record<string, unknown>>[] {
  const parsed = parseSync(file, text)
  const objects: Record<string, unknown>[] = []
  walk(parsed.program, (node) => {
    if (node['type'] !== 'ObjectExpression') return
    const value = valueOf(node)
    if (isRecord(value)) objects.push(value)
  })
  return objects
}

type Node = Readonly<Record<string, unknown>>

const deepest = 200

function walk(value: unknown, see: (node: Node) => void, depth = 0): void {
  if (depth > deepest) return
  if (Array.isArray(value)) for (const one of value) walk(one, see, depth + 1)
  else if (isRecord(value)) {
    if (typeof value['type'] === 'string') see(value)
    for (const child of Object.values(value)) if (typeof child === 'object') walk(child, see, depth + 1)
  }
}

function valueOf(node: unknown): unknown {
  if (!isRecord(node)) return undefined
  switch (node['type']) {
    case 'Literal':
      return node['value']
    case 'TemplateLiteral':
      return templateText(node)
    case 'ArrayExpression':
      return asList(node['elements']).map(valueOf)
    case 'ObjectExpression':
      return Object.fromEntries(asList(node['properties']).flatMap(propertyOf))
    default:
      return undefined
  }
}

function templateText(node: Node): string | undefined {
  const [only, ...others] = asList(node['quasis'])
  if (others.length > 0 || !isRecord(only) || !isRecord(only['value'])) return undefined
  const text = only['value']['cooked']
  return typeof text === 'string' ? text : undefined
}

function propertyOf(property: unknown): [string, unknown][] {
  if (!isRecord(property) || property['type'] !== 'Property' || property['computed'] === true || !isRecord(property['key']))
    return []
  const name = property['key']['name'] ?? property['key']['value']
  const value = valueOf(property['value'])
  return typeof name === 'string' && value !== undefined && name !== '__proto__' ? [[name, value]] : []
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
