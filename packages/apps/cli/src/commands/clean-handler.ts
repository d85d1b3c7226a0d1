import { counted } from '@coxswain/kernel'
import type { CliContext } from '../cli-context.ts'
import { present, type CommonFlags } from '../common-flags.ts'
import { connect } from '../connect.ts'

export async function clean(
  this: CliContext,
  flags: CommonFlags & { readonly dryRun?: boolean; readonly unlanded?: boolean },
): Promise<void> {
  await present(this, flags, async () => {
    await using connection = await connect(flags.directory)
    const { dryRun: isDryRun = false, unlanded: includesUnlanded = false } = flags
    const gone = await connection.client.clean({ isDryRun, includesUnlanded })
    const summary = `${isDryRun ? 'would remove' : 'removed'} ${gone.branches.length} ${gone.branches.length === 1 ? 'branch' : 'branches'} and ${counted(gone.worktrees, 'worktree')}`
    return { json: { dryRun: isDryRun, ...gone }, text: [...gone.branches, summary].join('\n') }
  })
}
