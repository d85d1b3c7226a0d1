import { CoxError } from '@coxswain/kernel'
import { isMap, isScalar, parseDocument } from 'yaml'
import { FrontMatter } from './constraint.ts'
import { splitFrontMatter } from './split-front-matter.ts'

const keyOrder = Object.keys(FrontMatter.shape)

/** The canonical text: keys in order, comments kept, prose untouched. Formatting twice changes nothing. @throws CoxError FRONT_MATTER_MISSING */
export function formatConstraint(text: string): string {
  const split = splitFrontMatter(text)
  const document = split.yaml === null || split.isUnclosed ? null : parseDocument(split.yaml, { uniqueKeys: true })
  if (document === null || document.errors.length > 0 || !isMap(document.contents)) {
    throw new CoxError('FRONT_MATTER_MISSING', 'The file has no readable front matter', {
      hint: 'Run `cox constraint test` for the exact line.',
    })
  }
  document.contents.items.sort((a, b) => rank(a.key) - rank(b.key))
  const yaml = document.toString({ lineWidth: 0, singleQuote: true, flowCollectionPadding: true })
  const body = split.body.replaceAll('\r\n', '\n').replace(/^\n+/, '').trimEnd()
  return `---\n${yaml.replaceAll('\r\n', '\n').trimEnd()}\n---\n\n${body}\n`
}

function rank(key: unknown): number {
  const index = isScalar(key) ? keyOrder.indexOf(String(key.value)) : -1
  return index === -1 ? keyOrder.length : index
}
