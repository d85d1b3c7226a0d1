import process from 'node:process'
import { sourceRoot } from '@coxswain/constraints'
import { compile, isStale, parseAgentName, renderCompile } from '@coxswain/delivery'
import type { CliContext } from '../cli-context.ts'
import { present, type CommonFlags } from '../common-flags.ts'

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
