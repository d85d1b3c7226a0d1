import { leavesTree } from '@coxswain/constraints'
import type { LinterRule } from '../read/linter-rules.ts'
import type { Restriction } from '../read/restrictions.ts'
import type { Draft } from './import-constraints.ts'
import { freeId, titleOf } from './draft-name.ts'
import { draftText } from './draft-text.ts'

/** Boundaries of dependency-cruiser and Nx become one draft per rule; our own check takes them from `harness/architecture.yaml`. */
export function boundaryDraft(rule: LinterRule, taken: Set<string>): Draft {
  const [first] = rule.options
  const said =
    typeof first === 'object' && first !== null && 'comment' in first && typeof first.comment === 'string' ? first.comment : ''
  const named = rule.linter === 'nx' ? 'Modules keep to their boundaries' : `Dependencies keep to ${rule.name}`
  const check = { rule: rule.name === 'no-circular' ? 'no-cycles' : 'layer-direction' }
  return linterDraft(rule, {
    id: freeId(`${rule.linter} ${rule.name.split('/').at(-1) ?? ''}`, taken),
    title: said === '' ? named : titleOf(said),
    scope: ['**'],
    rung: { check },
    quote: JSON.stringify(rule.options).slice(0, 1_500),
    fix: said === '' ? `Keep the edge that ${rule.linter} forbids out of the graph.` : said,
  })
}

/** It stays in the linter until a person decides; the draft gives its words to agents that never run the linter. */
export function restrictionDraft({ name, parts, message, match, rule }: Restriction, taken: Set<string>): Draft {
  const scope = scopeOfRule(rule)
  return linterDraft(rule, {
    id: freeId(match === null ? message : `no ${[...parts, name].join(' ')}`, taken),
    title: titleOf(message),
    scope: scope.length === 0 ? [`${homeOf(rule.file)}**`] : scope,
    rung: match === null ? { path: message } : { check: { language: 'ts', match } },
    quote: `${rule.name}: ${name}. ${message}`,
    fix: message,
  })
}

/** Globs of a linter are relative to its configuration, and a bare one matches at any depth. */
function scopeOfRule({ file, files }: LinterRule): string[] {
  const home = homeOf(file)
  const globs = (files ?? []).filter((glob) => !leavesTree(glob) && !glob.startsWith('!'))
  return globs.map((glob) => `${home}${glob.includes('/') ? glob : `**/${glob}`}`)
}

function homeOf(file: string): string {
  return file.slice(0, file.lastIndexOf('/') + 1)
}

interface LinterDraft {
  readonly id: string
  readonly title: string
  readonly scope: readonly string[]
  readonly rung: { readonly check: unknown } | { readonly path: string }
  readonly quote: string
  readonly fix: string
}

function linterDraft(rule: LinterRule, { id, title, scope, rung, quote, fix }: LinterDraft): Draft {
  const provenance = { file: rule.file, line: rule.line, quote }
  const cheaper = { kind: 'enforced', by: `${rule.linter} ${rule.name}` } as const
  const text = draftText({ id, title, scope, rungs: [rung], fix, provenance })
  const place = 'path' in rung ? 'path' : 'check'
  return {
    id,
    title,
    scope,
    except: [],
    isScopeUnclear: false,
    rung: place,
    isFromLinter: true,
    provenance,
    also: [],
    cheaper,
    text,
  }
}
