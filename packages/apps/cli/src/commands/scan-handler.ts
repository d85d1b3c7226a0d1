import { existsSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { renderScan, scan, type Violations, type ViolationsAsked } from '@coxswain/adoption'
import { runCheck } from '@coxswain/checks'
import { sourceRoot } from '@coxswain/constraints'
import { rules } from '@coxswain/rules'
import type { CliContext } from '../cli-context.ts'
import { present, type CommonFlags } from '../common-flags.ts'

export async function scanRepository(this: CliContext, flags: CommonFlags): Promise<void> {
  await present(this, flags, async () => {
    const root = sourceRoot(flags.directory ?? process.cwd())
    const found = await scan({ root, findViolations })
    return { json: found, text: renderScan(found).trimEnd() }
  })
}

/** What stands in the harness is run as it stands; without one, the defaults and what was asked for besides. */
async function findViolations({ root, checks }: ViolationsAsked): Promise<Violations> {
  const byDefault = rules.filter((rule) => rule.severity !== 'off').map(({ id }) => id)
  const hasOwn = existsSync(join(root, 'harness/checks.yaml'))
  const wanted = hasOwn ? [] : [...new Set([...byDefault, ...checks])]
  const { findings, counts } = await runCheck({ cwd: root, cache: false, rules: wanted })
  const ran = hasOwn ? Object.keys(counts) : wanted
  return { found: findings, ran: ran.map((rule) => ({ rule, isByDefault: hasOwn || byDefault.includes(rule) })) }
}
