import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { CoxError } from '@coxswain/kernel'
import { rules } from '@coxswain/rules'
import { suggest } from './config/parse-config-file.ts'

/** The document of a rule, which lies in the installation: a repository under check has none. @throws CoxError RULE_UNKNOWN */
export function explainRule(id: string): string {
  const ids = rules.map((rule) => rule.id)
  if (!ids.includes(id)) throw new CoxError('RULE_UNKNOWN', `There is no rule "${id}"`, { hint: suggest(id, ids) })
  return readFileSync(join(documentFolder(), `${id}.md`), 'utf8')
}

/** Above the source in a checkout, above `dist` in a package. */
function documentFolder(): string {
  for (let at = import.meta.dirname; ; at = dirname(at)) {
    const folder = join(at, 'docs/rules')
    if (existsSync(folder)) return folder
    if (dirname(at) === at) throw new Error('the documents of the rules are not installed')
  }
}
