import { parse } from 'yaml'
import { isRecord } from '../phrases/linter-rows.ts'

/** JSON with comments is almost YAML; what is neither has no rules. */
export function jsonWithComments(text: string): Readonly<Record<string, unknown>> {
  const plain = text.replaceAll(/"(?:[^"\\\n]|\\.)*"|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, (match) =>
    match.startsWith('"') ? match : '',
  )
  try {
    const value: unknown = parse(plain, { maxAliasCount: 100 })
    return isRecord(value) ? value : {}
  } catch {
    return {}
  }
}
