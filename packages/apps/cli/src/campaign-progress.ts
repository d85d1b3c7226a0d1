import type { CampaignTask } from '@coxswain/checks'
import { isEnded } from '@coxswain/model'
import type { TaskListResponse } from '@coxswain/protocol'
import { counted } from '@coxswain/kernel'
import { plain, table } from '@coxswain/terminal'

type Listed = TaskListResponse['tasks'][number]

/** How far a rule's whole population is mended. */
export interface CampaignProgress {
  readonly rule: string
  /** Findings that are there now. */
  readonly left: number
  /** What the landed tasks were about. */
  readonly landed: { readonly tasks: number; readonly findings: number }
  readonly open: number
  readonly packages: readonly {
    readonly package: string
    readonly left: number
    /** The newest task of this campaign there. */
    readonly task: string | null
    readonly run: string | null
    /** Outcome or state of its run. */
    readonly state: string | null
  }[]
}

/** Marks the tasks of a campaign, and tells a run whose baseline it may shrink. */
export function originOf(rule: string): string {
  return `finding:${rule}`
}

export function isOpen({ task, run }: Listed): boolean {
  return task.state !== 'done' && task.state !== 'cancelled' && !(run !== null && isEnded(run.state))
}

/** `planned`: what a campaign would take on now. `listed`: its tasks so far, oldest first. */
export function campaignProgress(
  rule: string,
  planned: readonly Pick<CampaignTask, 'package' | 'findings'>[],
  listed: readonly Listed[],
): CampaignProgress {
  const landed = listed.filter(({ run }) => run?.state === 'landed')
  const left = new Map(planned.map((task) => [task.package, task.findings.length]))
  const newest = new Map(listed.map((entry) => [entry.task.package ?? '', entry]))
  const folders = [...new Set([...left.keys(), ...newest.keys()])].toSorted()
  return {
    rule,
    left: planned.reduce((sum, task) => sum + task.findings.length, 0),
    landed: { tasks: landed.length, findings: landed.reduce((sum, { task }) => sum + sizeOf(task.title), 0) },
    open: listed.filter(isOpen).length,
    packages: folders.map((folder) => {
      const entry = newest.get(folder)
      const state = entry?.run?.outcome ?? entry?.run?.state ?? entry?.task.state ?? null
      return { package: folder, left: left.get(folder) ?? 0, task: entry?.task.id ?? null, run: entry?.run?.id ?? null, state }
    }),
  }
}

/** A campaign's title is `<rule>: <findings> in <package>`. */
function sizeOf(title: string): number {
  return Number(/: (\d+) in /.exec(title)?.[1] ?? 0)
}

export function renderProgress({ rule, left, landed, open, packages }: CampaignProgress): string {
  const total = left + landed.findings
  if (total === 0 && packages.length === 0) return `${rule}: nothing to mend, and no task of a campaign`
  const rows = packages.map((entry) => [
    plain(entry.package === '' ? '(root)' : entry.package),
    String(entry.left),
    entry.task ?? '',
    entry.run ?? '',
    entry.state ?? 'no task',
  ])
  return [
    `${rule}: ${landed.findings} of ${counted(total, 'finding')} landed in ${counted(landed.tasks, 'task')}; ${left} left, ${counted(open, 'open task')}`,
    table(['package', 'left', 'task', 'run', 'state'], rows),
  ].join('\n')
}
