import process from 'node:process'
import { exitCodeOf, planCampaign, renderGithub, renderText, runCheck, toJsonReport, toSarif, type CampaignTask, type CheckReport } from '@coxswain/checks'
import type { CliContext } from '../cli-context.ts'
import { present, type CommonFlags, type Output } from '../common-flags.ts'
import { connect } from '../connect.ts'

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
}

export async function check(this: CliContext, flags: CheckFlags, ...paths: readonly string[]): Promise<void> {
  await present(this, flags, async () => {
    const report = await runCheck({
      cwd: flags.directory ?? process.cwd(),
      paths,
      changed: flags.changed === undefined ? null : flags.changed || 'HEAD',
      rules: flags.rule ?? [],
      fix: flags.fix ?? false,
      cache: flags.noCache !== true,
      updateBaseline: flags.updateBaseline ?? flags.accept !== undefined,
      accept: flags.accept ?? null,
    })
    return toOutput(report, flags)
  })
}

function toOutput(report: CheckReport, { sarif, github }: CheckFlags): Output {
  const text = sarif ? JSON.stringify(toSarif(report)) : github ? renderGithub(report) : renderText(report)
  return { json: toJsonReport(report), text: text.trimEnd(), exitCode: exitCodeOf(report) }
}

interface CampaignFlags extends CommonFlags {
  readonly agent?: string
  readonly land?: boolean
  readonly dryRun?: boolean
}

export async function campaign(this: CliContext, flags: CampaignFlags, rule: string): Promise<void> {
  await present(this, flags, async () => {
    const report = await runCheck({ cwd: flags.directory ?? process.cwd(), rules: [rule] })
    const tasks = planCampaign(report.findings, { rule, packageOf: packageFolder })
    const json = tasks.map((task) => ({ title: task.title, package: task.package, findings: task.findings.length, agent: agentOf(task, flags) ?? null }))
    const lines = tasks.map((task) => `${task.title}${task.rewrites === null ? '' : ' (certain fixes: rewriter)'}`)
    if (tasks.length === 0 || flags.dryRun) return { json: { tasks: json, added: [] }, text: tasks.length === 0 ? `${rule}: nothing to mend` : lines.join('\n') }
    await using connection = await connect(flags.directory)
    const added: string[] = []
    for (const task of tasks) added.push(await addCampaignTask(task, flags, connection.client))
    return { json: { tasks: json, added }, text: [...lines, `${added.length} tasks added; work on them: cox up`].join('\n') }
  })
}

async function addCampaignTask(task: CampaignTask, flags: CampaignFlags, client: Awaited<ReturnType<typeof connect>>['client']): Promise<string> {
  const { task: added } = await client.addTask({
    text: task.rewrites === null ? task.text : rewriteText(task),
    title: task.title,
    package: task.package === '' ? null : task.package,
    agent: agentOf(task, flags) ?? null,
    mayLand: flags.land ?? false,
    origin: `finding:${task.rule}`,
  })
  return added.id
}

function agentOf(task: CampaignTask, flags: CampaignFlags): string | undefined {
  return task.rewrites === null ? flags.agent : 'rewriter'
}

/** The rewriter reads the edits from the text; they were certain when the campaign was planned. */
function rewriteText(task: CampaignTask): string {
  return `${task.text}\n\n\`\`\`json\n${JSON.stringify({ edits: task.rewrites })}\n\`\`\`\n`
}

/** The nearest folder two levels under a workspace folder, as the finding's file tells. */
function packageFolder(file: string): string {
  const at = file.search(/\/(?:src|test|tests|lib|docs)\//)
  return at === -1 ? file.slice(0, Math.max(0, file.lastIndexOf('/'))) : file.slice(0, at)
}
