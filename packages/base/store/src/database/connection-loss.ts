/** What the driver says in words only. */
const sentences =
  /Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|Client was closed/

const systemCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOENT',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
])

/** Shutdown, crash, start-up and too many connections: the server will be back. */
const serverCodes = new Set(['57P01', '57P02', '57P03', '53300', '25P03'])

/** A transaction that lost against another one: it changed nothing and may be run again. The last is two writers of one key: run again, the second finds it. */
const conflictCodes = new Set(['40001', '40P01', '23505'])

/** True when the same operation may succeed later, because the connection or the server is what failed. */
export function isConnectionLoss(error: unknown): boolean {
  return errorsOf(error).some((each) => {
    const code = 'code' in each ? String(each.code) : ''
    return systemCodes.has(code) || serverCodes.has(code) || code.startsWith('08') || sentences.test(each.message)
  })
}

export function isConflict(error: unknown): boolean {
  return error instanceof Error && 'code' in error && conflictCodes.has(String(error.code))
}

/** A statement that was prepared before one of its tables was changed. */
export function isStalePlan(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '0A000' && error.message.includes('cached plan')
}

/** Connecting to a name with several addresses fails with one error for each. */
function errorsOf(error: unknown): readonly Error[] {
  if (error instanceof AggregateError) return error.errors.filter((each) => each instanceof Error)
  return error instanceof Error ? [error] : []
}
