import type { DLogger } from '@dbos-inc/dbos-sdk'
import { errorMessage, type Logger } from '@coxswain/kernel'

/** DBOS tells its start at length, and says of each workflow that stopped or was cancelled that it did: none of that is news to anybody here. */
const expected =
  /^(Shutting down while|Workflow \S+ (outcome was not recorded|is no longer owned|was cancelled)|Current version|Ignored:)/

export function createDbosLogger(logger: Logger): DLogger {
  return {
    debug: () => {},
    info: (entry) => logger.debug(`dbos: ${textOf(entry)}`),
    warn: (entry) =>
      expected.test(textOf(entry)) ? logger.debug(`dbos: ${textOf(entry)}`) : logger.warn(`dbos: ${textOf(entry)}`),
    error: (entry) => logger.error(`dbos: ${textOf(entry)}`),
  }
}

function textOf(entry: unknown): string {
  return entry instanceof Error ? errorMessage(entry) : String(entry)
}
