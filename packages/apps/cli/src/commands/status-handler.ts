import { systemClock } from '@coxswain/host'
import { needsPerson, renderStatus } from '@coxswain/terminal'
import type { CliContext } from '../cli-context.ts'
import { present, type CommonFlags } from '../common-flags.ts'
import { connect } from '../connect.ts'

export async function showStatus(this: CliContext, flags: CommonFlags): Promise<void> {
  await present(this, flags, async () => {
    await using connection = await connect(flags.directory, { isReading: true })
    const { log, root } = connection.folder
    const [status, { runs, titles }] = [await connection.client.status(), await connection.client.listRuns()]
    const daemon = connection.address.isEphemeral ? null : { pid: status.pid, worker: status.worker, startedAt: status.startedAt }
    return {
      json: { ...status, daemon, needsPerson: needsPerson(runs), titles, stateFolder: root, log },
      text: renderStatus({ status, runs, titles, daemon, log, now: systemClock.now() }),
    }
  })
}
