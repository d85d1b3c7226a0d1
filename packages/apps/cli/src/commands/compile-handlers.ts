import process from 'node:process'
import { renderScan, scan } from '@coxswain/adoption'
import { runCheck } from '@coxswain/checks'
import { sourceRoot } from '@coxswain/constraints'
import {
  agentNames,
  bill,
  compile,
  context,
  isStale,
  parseAgentName,
  renderBill,
  renderCompile,
  renderContext,
} from '@coxswain/delivery'
import type { CliContext } from '../cli-context.ts'
import { present, type CommonFlags, type Output } from '../common-flags.ts'
import { recordedRate } from '../recorded-rate.ts'

interface CompileFlags extends CommonFlags {
  readonly check?: boolean
  readonly dryRun?: boolean
  readonly diff?: boolean
  readonly remove?: boolean
  readonly agent?: readonly string[]
}

export async function compileConstraints(this: CliContext, flags: CompileFlags): Promise<void> {
  await present(this, flags, async () => {
    const root = sourceRoot(flags.directory ?? process.cwd())
    const mode = flags.check ? 'check' : flags.dryRun ? 'dry-run' : flags.remove ? 'remove' : 'write'
    const report = await compile({
      root,
      mode,
      ...(flags.agent === undefined ? {} : { agents: flags.agent.map(parseAgentName) }),
    })
    const isFailed = report.isRefused || (mode === 'check' && isStale(report))
    return { json: report, text: renderCompile(report, { diff: flags.diff ?? false }).trimEnd(), exitCode: isFailed ? 1 : 0 }
  })
}

export async function showContext(
  this: CliContext,
  flags: CommonFlags & { readonly agent?: string; readonly file?: string; readonly bill?: boolean },
  folder?: string,
): Promise<void> {
  await present(this, flags, async () => {
    const root = sourceRoot(flags.directory ?? process.cwd())
    if (flags.bill) return showBill(root, flags)
    const received = await context({
      root,
      agent: parseAgentName(flags.agent ?? 'codex'),
      ...(folder === undefined ? {} : { folder }),
      ...(flags.file === undefined ? {} : { file: flags.file }),
    })
    return { json: received, text: renderContext(received).trimEnd() }
  })
}

async function showBill(root: string, flags: CommonFlags & { readonly agent?: string }): Promise<Output> {
  const agents = flags.agent === undefined ? agentNames : [parseAgentName(flags.agent)]
  const recorded = await recordedRate(root)
  const paid = await bill({ root, agents, runsPerDay: recorded.runsPerDay })
  return { json: paid, text: renderBill(paid, recorded.missing).trimEnd() }
}

export async function scanRepository(this: CliContext, flags: CommonFlags): Promise<void> {
  await present(this, flags, async () => {
    const root = sourceRoot(flags.directory ?? process.cwd())
    const found = await scan({ root, countViolations: async (folder) => (await runCheck({ cwd: folder, cache: false })).counts })
    return { json: found, text: renderScan(found).trimEnd() }
  })
}
