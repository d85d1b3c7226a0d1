import { extractFacts } from '@coxswain/facts'
import { rules } from '../registry.ts'
import { baselineLines, grownBy } from './baseline-lines.ts'
import { compareSettings } from './compare-settings.ts'
import { listOf, readSettings, textsOf, treeOf } from './read-settings.ts'

/** What in a file of settings got weaker, in sentences; `was` is null when the file is new, `now` when it is gone. */
export function weakenedSettings(path: string, was: string | null, now: string | null): string[] {
  if (path.startsWith('harness/baseline/')) return unexplained(path, was ?? '', now ?? '')
  return was === null ? [] : compareSettings({ path, was, now }, rules)
}

/** A violation that was taken in with a reason is an exemption: see `exemptionsIn`. */
function unexplained(path: string, was: string, now: string): string[] {
  const added = grownBy(baselineLines(path, was), baselineLines(path, now)).filter(({ reason }) => reason === '').length
  return added === 0 ? [] : [`${added} violations are added to the baseline without a reason`]
}

/** What somebody took out of a rule's reach, and why. */
export interface StatedExemption {
  /** What stays the same when it moves. */
  readonly key: string
  readonly detail: string
  readonly why: string
}

/** The exemptions that a file holds, with a reason each: in comments, in `harness/checks.yaml`, in the baseline. */
export function exemptionsIn(path: string, text: string): StatedExemption[] {
  if (path.startsWith('harness/baseline/')) return inBaseline(path, text)
  if (/^harness\/checks\.ya?ml$/.test(path)) return configured(text)
  return text.includes('cox-allow') ? inComments(path, text) : []
}

function inBaseline(path: string, text: string): StatedExemption[] {
  return baselineLines(path, text)
    .filter(({ reason }) => reason !== '')
    .map(({ rule, moveKey, reason }) => ({
      key: `baseline ${rule} ${moveKey}`,
      detail: `a violation of ${rule} is taken into the baseline`,
      why: reason,
    }))
}

function configured(text: string): StatedExemption[] {
  return listOf(readSettings(text)?.['exemptions'])
    .map(treeOf)
    .map(({ rule, files, until, owner, reason }) => {
      const detail = `${textsOf(files).join(', ')} from ${String(rule)} until ${String(until)} by ${String(owner)}`
      return { key: `configured ${detail}`, detail, why: String(reason) }
    })
}

/** An incomplete comment exempts from nothing. */
function inComments(path: string, text: string): StatedExemption[] {
  return extractFacts(path, Buffer.from(text)).exemptions.flatMap(({ rule, owner, until, reason, line }) => {
    if (owner === null || until === null || reason === null) return []
    const stated = `${rule} until ${until} by ${owner}`
    return [{ key: `comment ${stated} ${reason}`, detail: `line ${line} from ${stated}`, why: reason }]
  })
}
