import type { DLogger } from '@dbos-inc/dbos-sdk'
import { errorMessage, type Logger } from '@coxswain/kernel'

/** What DBOS says of workflows that stopped or were cancelled, and of connections that are renewed, is no news to anybody here. */
const expected =
  /^(Shutting down while|Workflow \S+ (outcome was not recorded|is no longer owned|was cancelled)|Current version|Unexpected error on a system database connection|Ignored:)/

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
