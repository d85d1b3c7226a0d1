import { stringify } from 'yaml'

export interface DraftParts {
  readonly id: string
  readonly title: string
  readonly scope: readonly string[]
  readonly except?: readonly string[]
  readonly severity?: 'advice' | 'warning' | 'error'
  readonly rungs: readonly unknown[]
  readonly fix: string
  readonly provenance: { readonly file: string; readonly line: number; readonly quote: string }
  /** Code of ours that breaks and that keeps it. */
  readonly examples?: { readonly bad: string; readonly good: string; readonly endings: readonly string[] }
}

/** A constraint file with the imported words quoted: in `## Why` as a block quotation, never as headings, fences or front matter. */
export function draftText(parts: DraftParts): string {
  const front = {
    id: parts.id,
    class: 'imported',
    severity: parts.severity ?? 'advice',
    scope: parts.scope,
    ...(parts.except === undefined || parts.except.length === 0 ? {} : { except: parts.except }),
    rungs: parts.rungs,
    owner: 'unowned',
    evidence: [{ link: `${parts.provenance.file}#L${parts.provenance.line}`, note: 'imported' }],
  }
  const title = oneLine(parts.title)
  const why = `Imported; what its breach costs is not known yet. In ${parts.provenance.file}, line ${parts.provenance.line}:\n\n${quoted(parts.provenance.quote)}`
  return `---\n${stringify(front, { lineWidth: 0 })}---\n\n# ${title}\n\n## Why\n\n${why}\n\n## Fix\n\n${quoted(parts.fix)}\n${examplesText(parts)}`
}

function examplesText({ examples }: DraftParts): string {
  if (examples === undefined) return ''
  const fences = (text: string): string =>
    examples.endings.map((ending) => `\n\`\`\`${ending} example.${ending}\n${text.trimEnd()}\n\`\`\`\n`).join('')
  return `\n## Bad\n${fences(examples.bad)}\n## Good\n${fences(examples.good)}`
}

function quoted(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => `> ${line}`)
    .join('\n')
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}
