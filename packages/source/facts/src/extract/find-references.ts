import type { ImportFact } from '../file-facts.ts'
import type { Candidates } from './find-candidates.ts'

type Reference = Omit<ImportFact, 'line' | 'column'>

/** Modules named outside import statements: `require`, types through `import()`, workers by URL. */
export function findReferences(text: string, candidates: Candidates): Reference[] {
  if (!candidates.hasReferences) return []
  const found: Reference[] = []
  for (const match of text.matchAll(shapes)) {
    const quoted = match[2] ?? match[4] ?? ''
    const start = match.index + match[0].lastIndexOf(quoted)
    const isRequire = match[0].startsWith('require')
    found.push({
      from: quoted.slice(1, -1),
      start,
      end: start + quoted.length,
      form: isRequire ? 'require' : 'dynamic',
      names: ['*'],
      isType: false,
    })
  }
  return found
}

const shapes =
  /\b(require|import)\s*\(\s*('[^'\n]+'|"[^"\n]+")\s*\)|\bnew\s+(URL)\s*\(\s*('\.[^'\n]+'|"\.[^"\n]+")\s*,\s*import\.meta\.url/g
