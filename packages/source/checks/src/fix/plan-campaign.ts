import { pathAsWord } from '@coxswain/facts'
import type { Rewrite } from '@coxswain/rules'
import type { Finding } from '../finding.ts'

/** One package's share of a rule's whole population: the size of one task. */
export interface CampaignTask {
  readonly rule: string
  /** Folder of the package; empty for the root. */
  readonly package: string
  readonly title: string
  /** What an agent is told; the findings carry their own ways out. */
  readonly text: string
  readonly findings: readonly Finding[]
  /** When every finding has a certain fix, all of them: no model is needed. */
  readonly rewrite: Rewrite | null
}

export interface CampaignScope {
  readonly rule: string
  /** Folders of the repository's packages. */
  readonly packages: readonly string[]
}

/** Splits the findings of a rule into tasks, one per package, the smallest first: early landings show whether the advice is right. */
export function planCampaign(findings: readonly Finding[], { rule, packages }: CampaignScope): CampaignTask[] {
  const deepestFirst = packages.toSorted((a, b) => b.length - a.length)
  const packageOf = (file: string): string =>
    deepestFirst.find((folder) => file === folder || file.startsWith(`${folder}/`)) ?? ''
  const groups = Map.groupBy(
    findings.filter((finding) => finding.rule === rule),
    (finding) => packageOf(finding.file),
  )
  return [...groups]
    .map(([folder, own]) => toTask(rule, folder, own))
    .toSorted((a, b) => a.findings.length - b.findings.length || (a.package < b.package ? -1 : 1))
}

const mostShown = 40

function toTask(rule: string, folder: string, findings: readonly Finding[]): CampaignTask {
  const name = folder === '' ? 'the root' : folder
  const shown = findings.slice(0, mostShown).map((finding) => `- ${finding.file}:${finding.line} ${finding.what}`)
  const rest =
    findings.length > mostShown
      ? [`- and ${findings.length - mostShown} more: \`cox check ${pathAsWord(folder || '.')} --rule ${rule}\``]
      : []
  const first = findings[0]
  const text = [
    `Mend ${findings.length === 1 ? 'the finding' : `the ${findings.length} findings`} of ${rule} in ${name}. Change nothing else.`,
    '',
    `Why: ${first?.why ?? ''}`,
    'Ways out:',
    ...(first?.fix ?? []).map((way) => `- ${way}`),
    '',
    'Places:',
    ...shown,
    ...rest,
    '',
    `Done when \`cox check ${pathAsWord(folder || '.')} --rule ${rule}\` is clean and the package’s tests pass.`,
  ].join('\n')
  const rewrites = findings.map((finding) => finding.rewrite).filter((rewrite) => rewrite !== undefined)
  return {
    rule,
    package: folder,
    title: `${rule}: ${findings.length} in ${name}`,
    text,
    findings,
    rewrite: rewrites.length === findings.length ? mergeRewrites(rewrites) : null,
  }
}

/** Many fixes of one text as one; a place that two of them name is named once. */
function mergeRewrites(rewrites: readonly Rewrite[]): Rewrite {
  const once = <T>(items: readonly T[]): T[] => [...new Map(items.map((item) => [JSON.stringify(item), item])).values()]
  return {
    edits: once(rewrites.flatMap((rewrite) => rewrite.edits)),
    moves: once(rewrites.flatMap((rewrite) => rewrite.moves ?? [])),
    creations: once(rewrites.flatMap((rewrite) => rewrite.creations ?? [])),
  }
}
