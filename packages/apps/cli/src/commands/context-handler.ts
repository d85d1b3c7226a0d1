import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import process from 'node:process'
import { sourceRoot } from '@coxswain/constraints'
import { agentNames, bill, context, parseAgentName, renderBill, renderContext } from '@coxswain/delivery'
import type { CliContext } from '../cli-context.ts'
import { present, type CommonFlags, type Output } from '../common-flags.ts'
import { recordedRate } from '../recorded-rate.ts'

export async function showContext(
  this: CliContext,
  flags: CommonFlags & { readonly agent?: string; readonly file?: string; readonly bill?: boolean },
  folder?: string,
): Promise<void> {
  await present(this, flags, async () => {
    const here = flags.directory ?? process.cwd()
    const root = sourceRoot(here)
    if (flags.bill) return showBill(root, flags)
    const received = await context({
      root,
      agent: parseAgentName(flags.agent ?? 'codex'),
      // From where the person stands, as with `cox check`.
      ...(folder === undefined ? {} : { folder: resolve(realpathSync(here), folder) }),
      ...(flags.file === undefined ? {} : { file: resolve(realpathSync(here), flags.file) }),
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
