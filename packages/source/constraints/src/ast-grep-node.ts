import type { Lang, SgNode } from '@ast-grep/napi'
import type { KnownFile } from './match-cache.ts'

export function languageOf(langs: typeof Lang, extension: string): Lang {
  if (extension === '.tsx') return langs.Tsx
  if (extension === '.css') return langs.Css
  if (extension.startsWith('.htm')) return langs.Html
  return extension.endsWith('ts') ? langs.TypeScript : langs.JavaScript
}

export function matchOf(node: SgNode, at: number): KnownFile['matches'][number] {
  const { start } = node.range()
  return [at, start.line + 1, start.column + 1, node.text().slice(0, 200)]
}
