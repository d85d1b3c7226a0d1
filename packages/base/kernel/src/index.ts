export { abortable, anySignal, nextTurn, sleep } from './abort.ts'
export { assertNever } from './assert-never.ts'
export type { Clock } from './clock.ts'
export { parseCommandLine } from './command-line.ts'
export { counted } from './counted.ts'
export { CoxError, errorMessage, isCoxError, type CoxErrorOptions } from './cox-error.ts'
export { dayProblem } from './day.ts'
export {
  formatDuration,
  instant,
  milliseconds,
  minutes,
  parseDuration,
  seconds,
  type Duration,
  type Instant,
} from './duration.ts'
export { explainIssue, explainIssues } from './explain-issue.ts'
export { isOlderVersion } from './is-older-version.ts'
export { silentLogger, type LogFields, type Logger } from './logger.ts'
export { mapLimit } from './map-limit.ts'
export { redact } from './redact.ts'
