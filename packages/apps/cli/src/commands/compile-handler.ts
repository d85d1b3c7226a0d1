import process from 'node:process'
import { sourceRoot } from '@coxswain/constraints/tree'
import type { CompileReport } from '@coxswain/delivery'
import { rememberSettled, settledText, type Question } from '@coxswain/delivery/settled'
import type { CliContext } from '../cli-context.ts'
import { present, type CommonFlags, type Output } from '../common-flags.ts'
import { refuseTogether } from '../refuse-together.ts'

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
    refuseConflicts(flags)
    const mode = flags.check ? 'check' : flags.dryRun ? 'dry-run' : flags.remove ? 'remove' : 'write'
    const isPlain = (mode === 'write' || mode === 'check') && flags.json !== true && flags.diff !== true
    const question: Question | null = isPlain ? { root, mode, agents: flags.agent ?? [] } : null
    // Asked before parsers and planner are loaded.
    const text = question === null ? null : await settledText(question)
    return text === null ? compileNow({ root, mode, flags, question }) : { json: null, text }
  })
}

/** Each says something else about writing. @throws CoxError FLAGS_CONFLICT */
function refuseConflicts({ check, dryRun, remove, agent }: CompileFlags): void {
  const modes = [check && '--check', dryRun && '--dry-run', remove && '--remove'].filter((flag) => typeof flag === 'string')
  refuseTogether(
    remove === true && agent !== undefined ? [...modes, '--agent'] : modes,
    'Give one of them: `--dry-run` shows what a compile would write, `--check` fails when it would write, `--remove` takes all away.',
  )
}

interface Compilation {
  readonly root: string
  readonly mode: CompileReport['mode']
  readonly flags: CompileFlags
  readonly question: Question | null
}

async function compileNow({ root, mode, flags, question }: Compilation): Promise<Output> {
  const { compile, hasErrors, isStale, parseAgentName, renderCompile } = await import('@coxswain/delivery')
  const agents = flags.agent === undefined ? {} : { agents: flags.agent.map(parseAgentName) }
  const report = await compile({ root, mode, ...agents })
  const isFailed = mode === 'check' ? isStale(report) : report.isRefused || (mode !== 'dry-run' && hasErrors(report))
  const textOf = (as: CompileReport['mode']): string =>
    renderCompile({ ...report, mode: as }, { diff: flags.diff ?? false }).trimEnd()
  if (question !== null && !isStale(report))
    await rememberSettled(question, {
      texts: { write: textOf('write'), check: textOf('check') },
      paths: report.outputs.map((output) => output.path),
    })
  return { json: report, text: textOf(mode), exitCode: isFailed ? 1 : 0 }
}
