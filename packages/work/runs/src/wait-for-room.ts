import { errorMessage, seconds, sleep } from '@coxswain/kernel'
import type { RunId } from '@coxswain/model'
import { isDiskFull } from './disk-full.ts'
import type { EffectContext } from './effect-context.ts'
import type { RunServices } from './services.ts'

const lookAgain = seconds(2)

interface Room {
  readonly services: Pick<RunServices, 'journal' | 'logger'>
  readonly run: RunId
  /** Ends the wait. */
  readonly signal: AbortSignal
}

export function roomOf({ services, record, interrupt, shutdown }: EffectContext): Room {
  return { services, run: record.run.id, signal: AbortSignal.any([interrupt, shutdown]) }
}

/** Repeats what a full disk refuses, because what it would write may exist nowhere else; ends with the signal. */
export async function waitForRoom<T>({ services, run, signal }: Room, operation: () => Promise<T>): Promise<T> {
  for (let isTold = false; ; isTold = true) {
    try {
      return await operation()
    } catch (error) {
      if (!isDiskFull(error)) throw error
      services.logger.warn('the disk is full', { run, error: errorMessage(error) })
      // The database may stand on the same disk.
      if (!isTold)
        await services.journal
          .notice(run, `${errorMessage(error)}. Free disk space; the run then goes on by itself.`)
          .catch(() => {})
      await sleep(lookAgain, signal)
    }
  }
}
