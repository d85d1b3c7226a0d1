import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import process from 'node:process'
import type { ReportFormat } from '@coxswain/checks'
import { openGit, resolveCommit } from '@coxswain/host'
import { CoxError } from '@coxswain/kernel'
import type { CliContext } from '../cli-context.ts'
import { present, type CommonFlags } from '../common-flags.ts'
import { refuseTogether } from '../refuse-together.ts'

interface CheckFlags extends CommonFlags {
  readonly changed?: string
  readonly rule?: readonly string[]
  readonly fix?: boolean
  readonly sarif?: boolean
  readonly github?: boolean
  readonly agent?: boolean
  readonly updateBaseline?: boolean
  readonly accept?: string
  readonly noCache?: boolean
  readonly watch?: boolean
  readonly explain?: string
}

export async function check(this: CliContext, flags: CheckFlags, ...paths: readonly string[]): Promise<void> {
  const cwd = flags.directory ?? process.cwd()
  const format: ReportFormat = flags.json ? 'json' : flags.sarif ? 'sarif' : flags.github ? 'github' : 'text'
  if (flags.watch) return watch(this, cwd, flags)
  const { explain: rule } = flags
  if (rule !== undefined) return explain(this, flags, rule)
  await present(this, flags, async () => {
    refuseFormats(flags)
    if (flags.accept !== undefined && flags.updateBaseline !== true)
      throw new CoxError('FLAGS_CONFLICT', '`--accept` needs `--update-baseline`', {
        hint: 'Only an update of the baseline takes violations in: cox check --update-baseline --accept "why".',
      })
    const { exitCodeOf, renderReport, runCheck, toJsonReport } = await import('@coxswain/checks')
    const report = await runCheck({
      cwd,
      ...(await readChanged(cwd, flags.changed, paths)),
      rules: flags.rule ?? [],
      fix: flags.fix ?? false,
      cache: flags.noCache !== true,
      updateBaseline: flags.updateBaseline ?? false,
      accept: flags.accept ?? null,
      onProgress: (line) => void process.stderr.write(`${line}\n`),
    })
    return { json: toJsonReport(report), text: renderReport(report, format).trimEnd(), exitCode: exitCodeOf(report) }
  })
}

/** `--changed src` is about a folder, as long as no commit has that name. */
async function readChanged(cwd: string, given: string | undefined, paths: readonly string[]): Promise<Scope> {
  if (given === undefined) return { changed: null, paths }
  if (given === '') return { changed: 'HEAD', paths }
  const isPath = existsSync(resolve(cwd, given)) && (await resolveCommit(openGit(cwd), given)) === null
  return isPath ? { changed: 'HEAD', paths: [given, ...paths] } : { changed: given, paths }
}

interface Scope {
  /** A commit; null for all files. */
  readonly changed: string | null
  readonly paths: readonly string[]
}

/** A report has one form. @throws CoxError FLAGS_CONFLICT */
function refuseFormats({ json, sarif, github, agent }: CheckFlags): void {
  const given = [json && '--json', sarif && '--sarif', github && '--github', agent && '--agent']
  refuseTogether(
    given.filter((flag) => typeof flag === 'string'),
    'Give one of them; for a report in two forms, check twice: the second look takes milliseconds.',
  )
}

async function explain(context: CliContext, flags: CheckFlags, rule: string): Promise<void> {
  await present(context, flags, async () => {
    const { explainRule } = await import('@coxswain/checks')
    const document = explainRule(rule)
    return { json: { rule, document }, text: document.trimEnd() }
  })
}

/** Serves checks of this repository until a signal. */
async function watch(context: CliContext, cwd: string, flags: CheckFlags): Promise<void> {
  await present(context, flags, async () => {
    const asked = Promise.withResolvers<void>()
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) context.process.once(signal, () => asked.resolve())
    const { serveChecks } = await import('@coxswain/checks')
    const server = await serveChecks(cwd)
    context.process.stderr.write('watching; `cox check` asks this service. Ctrl-C stops\n')
    await asked.promise
    await server.close()
    return { json: { stopped: true }, text: '' }
  })
}
