import { isCoxError } from '@coxswain/kernel'

/** Whether this error, or one that caused it, says that a disk has no room: the system's own word, git's or the database's. */
export function isDiskFull(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (isCoxError(cause, 'DISK_FULL')) return true
    if ('code' in cause && (cause.code === 'ENOSPC' || cause.code === 'EDQUOT')) return true
  }
  return false
}
