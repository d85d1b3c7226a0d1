import process from 'node:process'
import { renderScan, scan } from '@coxswain/adoption'
import { runCheck } from '@coxswain/checks'
import { sourceRoot } from '@coxswain/constraints'
import type { CliContext } from '../cli-context.ts'
import { present, type CommonFlags } from '../common-flags.ts'

export async function scanRepository(this: CliContext, flags: CommonFlags): Promise<void> {
  await present(this, flags, async () => {
    const root = sourceRoot(flags.directory ?? process.cwd())
    const found = await scan({ root, countViolations: async (folder) => (await runCheck({ cwd: folder, cache: false })).counts })
    return { json: found, text: renderScan(found).trimEnd() }
  })
}
