import { counted } from '@coxswain/kernel'
import { isEnded, type Run } from '@coxswain/model'
import type { StatusResponse } from '@coxswain/protocol'
import type { CliContext } from '../cli-context.ts'
import { present, type CommonFlags } from '../common-flags.ts'
import { connect } from '../connect.ts'
import { plain, renderRunLine, suspendedWords } from '@coxswain/terminal'

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
  const isWaiting = (run: Run): boolean => status.suspended.includes(run.id)
  const [waiting, goingOn] = [status.active.filter(isWaiting), status.active.filter((run) => !isWaiting(run))]
  return [
    daemon === null
      ? `No daemon runs for ${status.repository}; start one with \`cox up -d\`.`
      : `Daemon ${daemon.pid} serves ${status.repository}, lands on ${status.branch}. Log: ${log}`,
    ...status.warnings.map((warning) => `Warning: ${warning}`),
    ...(waiting.length === 0
      ? []
      : [`${counted(waiting.length, 'run')} ${waiting.length === 1 ? 'waits' : 'wait'} for \`cox up\`: the daemon was stopped.`]),
    Object.keys(status.counts).length === 0
      ? 'No runs yet.'
      : `Runs: ${countsOf(status, waiting).join(', ')}. Today: ${status.today.tokens.toLocaleString('en-US')} tokens, $${status.today.usd.toFixed(2)}.`,
    ...(goingOn.length === 0 ? [] : ['', 'Going on', ...goingOn.map((run) => `  ${renderRunLine(run)}`)]),
    ...(waiting.length === 0 ? [] : ['', 'Stopped', ...waiting.map((run) => `  ${renderRunLine(run, suspendedWords)}`)]),
    ...(needsPerson.length === 0
      ? []
      : ['', 'Needs you', ...needsPerson.map((run) => `  ${renderRunLine(run)}: ${plain(run.reason ?? '').slice(0, 160)}`)]),
  ].join('\n')
}

/** A run that nobody works on is not counted by the state in which it was left. */
function countsOf({ counts }: StatusResponse, waiting: readonly Run[]): string[] {
  const left = Object.entries(counts).map(
    ([state, count]) => [state, count - waiting.filter((run) => run.state === state).length] as const,
  )
  const shown = left.filter(([, count]) => count > 0).map(([state, count]) => `${count} ${state}`)
  return waiting.length === 0 ? shown : [...shown, `${waiting.length} stopped with the daemon`]
}
