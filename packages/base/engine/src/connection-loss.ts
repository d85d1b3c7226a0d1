const systemCodes = new Set([
  'ENOENT',
  'EPIPE',
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
])

/** What the driver says in words only. */
const sentences =
  /Connection terminated|Client has encountered a connection error|Client was closed|timeout exceeded when trying to connect/

/** Connection, resources, operator: classes of errors after which the server will be back. */
const serverClasses = new Set(['08', '53', '57'])
const queryCancelled = '57014'

/** True when the server or the way to it is what failed. */
export function isConnectionLoss(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isConnectionLoss)
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? String(error.code) : ''
  const isServerDown = code.length === 5 && serverClasses.has(code.slice(0, 2)) && code !== queryCancelled
  return isServerDown || systemCodes.has(code) || sentences.test(error.message)
}
