import { CoxError, isCoxError } from '@coxswain/kernel'
import type { RunId } from '@coxswain/model'

/** Follows a daemon that may be stopped meanwhile; null for `run` where its whole backlog is followed. @throws CoxError DAEMON_STOPPED */
export async function whileDaemonRuns<T>(run: RunId | null, follow: () => Promise<T>): Promise<T> {
  try {
    return await follow()
  } catch (error) {
    if (!isCoxError(error, 'DAEMON_UNREACHABLE')) throw error
    const [what, kept, it] =
      run === null ? ['its runs were', 'all of them are', 'them'] : [`${run} was`, 'the run and its work are', 'it']
    throw new CoxError('DAEMON_STOPPED', `The daemon was stopped while ${what} followed; ${kept} kept`, {
      hint: `\`cox up\` goes on with ${it}; ${run === null ? '`cox status`' : `\`cox show ${run}\``} tells where ${run === null ? 'they stand' : 'it stands'}.`,
      cause: error,
      data: { run },
    })
  }
}
