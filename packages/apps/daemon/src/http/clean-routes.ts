import { compareAndSwapRef, findCheckout, resolveCommit } from '@coxswain/host'
import { isEnded, type Run } from '@coxswain/model'
import { CleanParams, type CleanResponse } from '@coxswain/protocol'
import type { z } from 'zod'
import type { DaemonContext } from './daemon-context.ts'
import type { Door } from './door.ts'
import { parseBody } from './parse-body.ts'

export function cleanRoutes({ on }: Door, context: DaemonContext): void {
  on('POST /v1/clean', async (request) => request.json(await clean(context, await parseBody(request, CleanParams))))
}

async function clean(
  { store, repository, pool }: DaemonContext,
  { isDryRun, includesUnlanded }: z.output<typeof CleanParams>,
): Promise<CleanResponse> {
  const { git } = repository
  const branches: string[] = []
  for (const run of (await store.runs.list()).filter((each) => isEnded(each.state))) {
    if (run.landed === null && !includesUnlanded) continue
    const tip = await resolveCommit(git, `refs/heads/${run.branch}`)
    // A person went on from there: what they added is theirs.
    if (tip === null || !isOwn(run, tip) || (await findCheckout(git, run.branch)) !== null) continue
    const gone = { from: tip, to: null, reason: 'coxswain: clean' }
    if (isDryRun || (await compareAndSwapRef(git, `refs/heads/${run.branch}`, gone))) branches.push(run.branch)
  }
  return { branches, worktrees: isDryRun ? (await pool.free()).length : await pool.removeFree() }
}

function isOwn({ head, base, landed }: Run, tip: string): boolean {
  return tip === head || tip === base || tip === landed
}
