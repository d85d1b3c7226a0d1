import { extractFacts, type FactTree, type FileFacts } from '@coxswain/facts'
import { createWorkspace } from '@coxswain/graph'
import { CoxError } from '@coxswain/kernel'
import { rules } from '@coxswain/rules'
import { loadConfig } from './config/load-config.ts'
import { suggest } from './config/parse-config-file.ts'
import { createEvaluator, today } from './engine/evaluator.ts'
import { finishFindings } from './engine/finish-findings.ts'
import { judgeClaims } from './engine/judge-claims.ts'
import type { Finding } from './finding.ts'

export interface SourceCheck {
  /** Texts by path; `harness/architecture.yaml` among them declares layers and capabilities. */
  readonly files: Readonly<Record<string, string>>
  readonly rule: string
  readonly options?: Readonly<Record<string, unknown>>
}

/** Runs one rule over texts that need not exist as files: examples of constraints, proposals, tests. @throws CoxError RULE_UNKNOWN, CONFIG_INVALID */
export function checkSource({ files, rule, options }: SourceCheck): readonly Finding[] {
  if (!rules.some((entry) => entry.id === rule))
    throw new CoxError('RULE_UNKNOWN', `There is no rule "${rule}"`, {
      hint: suggest(
        rule,
        rules.map((entry) => entry.id),
      ),
    })
  // YAML reads JSON: the options take the same way as those of a harness.
  const checks = JSON.stringify({ rules: { [rule]: { severity: 'error', ...options } } })
  const config = loadConfig((path) => (path === 'harness/checks.yaml' ? checks : (files[path] ?? null)), [rule])
  const workspace = createWorkspace(treeOf(files))
  const { found } = judgeClaims(createEvaluator(workspace, config, null).findings(), workspace)
  return finishFindings(found, { workspace, exemptions: [], today: today() })
}

function treeOf(files: Readonly<Record<string, string>>): FactTree {
  const facts = new Map<string, FileFacts>(
    Object.entries(files).map(([path, text]) => [path, extractFacts(path, Buffer.from(text))]),
  )
  const unchanged = { added: [], removed: [], changed: [] }
  return {
    root: '',
    facts,
    isGit: false,
    counts: { read: facts.size, parsed: facts.size },
    totals: { files: facts.size, lines: 0, bytes: 0 },
    wasSaved: false,
    earlier: null,
    refresh: async () => unchanged,
    refreshFiles: () => unchanged,
    textOf: (path) => files[path] ?? '',
    save: () => {},
  }
}
