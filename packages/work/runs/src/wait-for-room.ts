import { isCoxError, seconds, sleep } from '@coxswain/kernel'
import type { RunId } from '@coxswain/model'
import type { RunServices } from './services.ts'

const lookAgain = seconds(2)

/** Repeats what a full disk refuses, because what it would write exists nowhere else; ends with the signal. */
export async function waitForRoom<T>(
  {
    services,
    run,
    signal,
  }: { readonly services: Pick<RunServices, 'journal' | 'logger'>; readonly run: RunId; readonly signal: AbortSignal },
  operation: () => Promise<T>,
): Promise<T> {
  for (let isTold = false; ; isTold = true) {
    try {
      return await operation()
    } catch (error) {
      if (!isCoxError(error, 'DISK_FULL')) throw error
      services.logger.warn('the disk is full', { run, error: error.message })
      // The database may stand on the same disk.
      if (!isTold)
        await services.journal.notice(run, `${error.message}. Free disk space; the run then goes on by itself.`).catch(() => {})
      await sleep(lookAgain, signal)
    }
  }
}
