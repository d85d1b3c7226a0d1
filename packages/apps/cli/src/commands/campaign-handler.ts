import { resolve } from 'node:path'
import process from 'node:process'
import type { CampaignTask } from '@coxswain/checks'
import type { TaskListResponse } from '@coxswain/protocol'
import type { Client } from '@coxswain/sdk'
import { counted } from '@coxswain/kernel'
import { campaignProgress, isOpen, originOf, renderProgress } from '../campaign-progress.ts'
import type { CliContext } from '../cli-context.ts'
import { present, type CommonFlags } from '../common-flags.ts'
import { renderRunLine } from '@coxswain/terminal'
import { warn } from './task-handlers.ts'

interface CampaignFlags extends CommonFlags {
  readonly agent?: string
  readonly land?: boolean
  readonly dryRun?: boolean
  readonly status?: boolean
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
    if (!flags.status && (tasks.length === 0 || flags.dryRun))
      return {
        json: { tasks: json, added: [], kept: [] },
        text: tasks.length === 0 ? `${rule}: nothing to mend` : lines.join('\n'),
      }
    const { connect } = await import('../connect.ts')
    await using connection = await connect(flags.directory, { isReading: flags.status ?? false })
    const before = (await connection.client.listTasks()).tasks.filter(({ task }) => task.origin === originOf(rule))
    if (flags.status) {
      const progress = campaignProgress(rule, tasks, before)
      return { json: progress, text: renderProgress(progress) }
    }
    const { added, kept, warnings } = await addTasks(tasks, before, { flags, client: connection.client })
    warn(this, [...warnings])
    const closing = added.length === 0 ? 'no task added' : `${counted(added.length, 'task')} added; next: cox up`
    return {
      json: { tasks: json, added, kept: kept.map(({ task }) => task.id) },
      text: [...lines, ...kept.map(renderKept), closing].join('\n'),
    }
  })
}

type Listed = TaskListResponse['tasks'][number]

function renderKept({ task, run }: Listed): string {
  return `${task.id} is on it already: ${run === null ? task.state : renderRunLine(run)}`
}

/** A package that an open task is at work on gets no second one. */
async function addTasks(
  tasks: readonly CampaignTask[],
  before: readonly Listed[],
  { flags, client }: { readonly flags: CampaignFlags; readonly client: Client },
): Promise<{ added: string[]; kept: Listed[]; warnings: ReadonlySet<string> }> {
  const [added, kept, warnings] = [[] as string[], [] as Listed[], new Set<string>()]
  for (const task of tasks) {
    const earlier = before.filter((listed) => (listed.task.package ?? '') === task.package)
    const open = earlier.find(isOpen)
    if (open !== undefined) {
      kept.push(open)
      continue
    }
    const response = await client.addTask({
      text: task.rewrite === null ? task.text : rewriteText(task),
      title: task.title,
      checkout: resolve(flags.directory ?? '.'),
      package: task.package === '' ? null : task.package,
      agent: agentOf(task, flags) ?? null,
      mayLand: flags.land ?? false,
      origin: originOf(task.rule),
      // Two campaigns at the same moment add it once.
      key: `campaign ${task.rule} ${earlier.length} ${task.package}`.slice(0, 200),
    })
    added.push(response.task.id)
    for (const warning of response.warnings ?? []) warnings.add(warning)
  }
  return { added, kept, warnings }
}

function agentOf(task: CampaignTask, flags: CampaignFlags): string | undefined {
  return task.rewrite === null ? flags.agent : 'rewriter'
}

/** The rewriter reads the edits from the text; they were certain when the campaign was planned. */
function rewriteText(task: CampaignTask): string {
  return `${task.text}\n\n\`\`\`json\n${JSON.stringify(task.rewrite)}\n\`\`\`\n`
}
