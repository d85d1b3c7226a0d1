import { counted, CoxError } from '@coxswain/kernel'
import { RunId, type StoredEvent } from '@coxswain/model'
import type { RunResponse } from '@coxswain/protocol'
import type { Client } from '@coxswain/sdk'
import type { CliContext } from '../cli-context.ts'
import { present, type CommonFlags } from '../common-flags.ts'
import { connect } from '../connect.ts'
import { plain, plainBlock, renderEnd, renderEvent, renderGates, runResult, suspendedWords } from '@coxswain/terminal'
import { renderWeakenedBy, weakenedByRun } from '../weakened-by-run.ts'

export async function showRun(this: CliContext, flags: CommonFlags & { readonly diff?: boolean }, id: string): Promise<void> {
  await present(this, flags, async () => {
    const run = parseRunId(id)
    await using connection = await connect(flags.directory, { isReading: true, isOfRun: true })
    const [detail, events, change, { suspended }] = [
      await connection.client.getRun(run),
      await allEvents(connection.client, run),
      await connection.client.getDiff(run),
      connection.isInsideRun ? { suspended: [] as RunId[] } : await connection.client.status(),
    ]
    const isSuspended = suspended.includes(run)
    const json = {
      ...runResult(detail.run, detail.run.activeMs),
      isSuspended,
      run: detail.run,
      task: detail.task,
      gates: detail.gates,
      logs: detail.logs,
      files: change.files,
      events,
      ...(flags.diff ? { diff: change.diff } : {}),
    }
    const weakened = connection.isInsideRun ? null : await weakenedByRun(connection.repository.root, detail.run)
    return {
      json: { ...json, ...(weakened === null ? {} : { weakened }), task: detail.task.id, taskText: detail.task.text },
      text: `${render(detail, events, change, { wantsDiff: flags.diff ?? false, isSuspended })}${weakened === null ? '' : `\n\n${renderWeakenedBy(weakened)}`}`,
    }
  })
}

export function parseRunId(text: string): RunId {
  const parsed = RunId.safeParse(text)
  if (!parsed.success)
    throw new CoxError('RUN_NOT_FOUND', `"${text}" is not a run's id`, {
      hint: 'Ids look like r3; list them with `cox task list`.',
    })
  return parsed.data
}

async function allEvents(client: Client, run: RunId): Promise<StoredEvent[]> {
  const events: StoredEvent[] = []
  for (let after = 0; ;) {
    const page = (await client.listEvents({ run, after, limit: 2_000 })).events
    events.push(...page)
    if (page.length < 2_000) return events
    after = page.at(-1)?.seq ?? after
  }
}

function render(
  { run, task, gates, logs }: RunResponse,
  events: readonly StoredEvent[],
  change: { readonly diff: string; readonly files: readonly { readonly path: string; readonly status: string }[] },
  { wantsDiff, isSuspended }: { readonly wantsDiff: boolean; readonly isSuspended: boolean },
): string {
  const timeline = events.map(renderEvent).filter((line) => line !== null)
  const files = change.files.slice(0, 30).map((file) => `  ${file.status} ${plain(file.path)}`)
  const { input, cachedInput, cacheWrite, output, reasoning } = run.tokens
  return [
    `${task.id} ${plain(task.title)}`,
    `agent ${plain(run.agent)}${run.model === null ? '' : ` (${plain(run.model)})`}, branch ${run.branch}, base ${run.base?.slice(0, 10) ?? 'none'}${run.target === null ? '' : `, lands on ${plain(run.target)}`}`,
    renderEnd(run, isSuspended ? { state: suspendedWords } : {}),
    `tokens: ${input} input, ${cachedInput} cached, ${cacheWrite} cache writes, ${output} output (${reasoning} reasoning)`,
    '',
    'Timeline',
    ...timeline.map((line) => `  ${line}`),
    '',
    run.landed === null ? 'Gates (newest round)' : 'Gates (of the tree that landed)',
    ...(gates.length === 0 ? ['  none'] : renderGates({ gates })),
    ...gates.filter((gate) => gate.verdict !== 'passed').map((gate) => plainBlock(gate.excerpt)),
    '',
    `Change (${counted(change.files.length, 'file')})`,
    ...files,
    ...(wantsDiff ? ['', plainBlock(change.diff)] : []),
    '',
    `Logs: ${logs}`,
  ].join('\n')
}
