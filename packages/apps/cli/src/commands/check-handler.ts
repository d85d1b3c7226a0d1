import process from 'node:process'
import type { CampaignTask, ReportFormat } from '@coxswain/checks'
import type { CliContext } from '../cli-context.ts'
import { present, type CommonFlags } from '../common-flags.ts'
import type { Client } from '@coxswain/sdk'

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
    const { exitCodeOf, renderReport, runCheck, toJsonReport } = await import('@coxswain/checks')
    const report = await runCheck({
      cwd,
      paths,
      changed: flags.changed === undefined ? null : flags.changed || 'HEAD',
      rules: flags.rule ?? [],
      fix: flags.fix ?? false,
      cache: flags.noCache !== true,
      updateBaseline: flags.updateBaseline ?? flags.accept !== undefined,
      accept: flags.accept ?? null,
    })
    return { json: toJsonReport(report), text: renderReport(report, format).trimEnd(), exitCode: exitCodeOf(report) }
  })
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

interface CampaignFlags extends CommonFlags {
  readonly agent?: string
  readonly land?: boolean
  readonly dryRun?: boolean
}

export async function campaign(this: CliContext, flags: CampaignFlags, rule: string): Promise<void> {
  await present(this, flags, async () => {
    const { planCampaign, runCheck } = await import('@coxswain/checks')
    // The whole population: what was accepted into the baseline is what a campaign is for.
    const report = await runCheck({ cwd: flags.directory ?? process.cwd(), rules: [rule], baseline: false })
    const tasks = planCampaign(report.findings, { rule, packages: report.packageFolders })
    const json = tasks.map((task) => ({
      title: task.title,
      package: task.package,
      findings: task.findings.length,
      agent: agentOf(task, flags) ?? null,
    }))
    const lines = tasks.map((task) => `${task.title}${task.rewrite === null ? '' : ' (certain fixes: rewriter)'}`)
    if (tasks.length === 0 || flags.dryRun)
      return { json: { tasks: json, added: [] }, text: tasks.length === 0 ? `${rule}: nothing to mend` : lines.join('\n') }
    const { connect } = await import('../connect.ts')
    await using connection = await connect(flags.directory)
    const added: string[] = []
    for (const task of tasks) added.push(await addCampaignTask(task, flags, connection.client))
    return { json: { tasks: json, added }, text: [...lines, `${added.length} tasks added; work on them: cox up`].join('\n') }
  })
}

async function addCampaignTask(task: CampaignTask, flags: CampaignFlags, client: Client): Promise<string> {
  const { task: added } = await client.addTask({
    text: task.rewrite === null ? task.text : rewriteText(task),
    title: task.title,
    package: task.package === '' ? null : task.package,
    agent: agentOf(task, flags) ?? null,
    mayLand: flags.land ?? false,
    origin: `finding:${task.rule}`,
  })
  return added.id
}

function agentOf(task: CampaignTask, flags: CampaignFlags): string | undefined {
  return task.rewrite === null ? flags.agent : 'rewriter'
}

/** The rewriter reads the edits from the text; they were certain when the campaign was planned. */
function rewriteText(task: CampaignTask): string {
  return `${task.text}\n\n\`\`\`json\n${JSON.stringify(task.rewrite)}\n\`\`\`\n`
}
