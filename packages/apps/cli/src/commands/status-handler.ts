import { isEnded, type Run } from '@coxswain/model'
import type { StatusResponse } from '@coxswain/protocol'
import type { CliContext } from '../cli-context.ts'
import { present, type CommonFlags } from '../common-flags.ts'
import { connect } from '../connect.ts'
import { renderRunLine } from '../render/render-run.ts'
import { plain } from '../render/table.ts'

export async function showStatus(this: CliContext, flags: CommonFlags): Promise<void> {
  await present(this, flags, async () => {
    await using connection = await connect(flags.directory, { isReading: true })
    const [status, { runs }] = [await connection.client.status(), await connection.client.listRuns()]
    const needsPerson = runs.filter(
      (run) => !isEnded(run.state) && (run.state === 'blocked' || run.state === 'awaiting-approval' || run.state === 'paused'),
    )
    const daemon = connection.address.isEphemeral ? null : { pid: status.pid, worker: status.worker, startedAt: status.startedAt }
    return {
      json: { ...status, daemon, needsPerson, stateFolder: connection.folder.root, log: connection.folder.log },
      text: render(status, needsPerson, { daemon, log: connection.folder.log }),
    }
  })
}

function render(
  status: StatusResponse,
  needsPerson: readonly Run[],
  { daemon, log }: { readonly daemon: { readonly pid: number } | null; readonly log: string },
): string {
  const counts = Object.entries(status.counts).map(([state, count]) => `${count} ${state}`)
  return [
    daemon === null
      ? `No daemon runs for ${status.repository}; start one with \`cox up -d\`.`
      : `Daemon ${daemon.pid} serves ${status.repository}, lands on ${status.branch}. Log: ${log}`,
    ...status.warnings.map((warning) => `Warning: ${warning}`),
    counts.length === 0
      ? 'No runs yet.'
      : `Runs: ${counts.join(', ')}. Today: ${status.today.tokens.toLocaleString('en-US')} tokens, $${status.today.usd.toFixed(2)}.`,
    ...(status.active.length === 0 ? [] : ['', 'Going on', ...status.active.map((run) => `  ${renderRunLine(run)}`)]),
    ...(needsPerson.length === 0
      ? []
      : ['', 'Needs you', ...needsPerson.map((run) => `  ${renderRunLine(run)}: ${plain(run.reason ?? '').slice(0, 160)}`)]),
  ].join('\n')
}
