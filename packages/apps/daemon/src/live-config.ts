import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { errorMessage, type Logger } from '@coxswain/kernel'
import type { HarnessConfig } from '@coxswain/model'
import { configPath, loadConfig } from '@coxswain/steering'

/** The harness file as it is now: edited while the daemon runs, it counts from the next step on. */
export interface LiveConfig {
  readonly current: HarnessConfig
  /** Why the file on disk is not what counts; null when it is. */
  readonly problem: string | null
  /** Looks whether the file changed. A broken one leaves the last good one in force. */
  refresh(): Promise<void>
}

export async function createLiveConfig(root: string, initial: HarnessConfig, logger: Logger): Promise<LiveConfig> {
  let current = initial
  let problem: string | null = null
  let seen = await stampOf(root)
  return {
    get current() {
      return current
    },
    get problem() {
      return problem
    },
    refresh: async () => {
      const stamp = await stampOf(root)
      if (stamp === seen) return
      seen = stamp
      try {
        current = (await loadConfig(root)) ?? current
        problem = null
        logger.info('harness file read again')
      } catch (error) {
        problem = `${configPath} was changed and is not valid; the last valid one is in force. ${errorMessage(error)}`
        logger.warn('harness file not valid', { problem })
      }
    },
  }
}

async function stampOf(root: string): Promise<string> {
  const file = await stat(join(root, configPath)).catch(() => null)
  return file === null ? 'none' : `${file.mtimeMs} ${file.size} ${file.ino}`
}
