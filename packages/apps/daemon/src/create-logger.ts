import type { Logger } from '@coxswain/kernel'
import { pino } from 'pino'

/** JSON lines in a file, redacted by name; the terminal belongs to the person. */
export function createLogger(file: string): Logger {
  const destination = pino.destination({ dest: file, mkdir: true, sync: true, mode: 0o600 })
  destination.on('error', () => {}) // a full disk costs lines of the log, never the work that writes them
  const log = pino(
    {
      level: 'info',
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: ['token', 'password', 'env', '*.token', '*.password', '*.env'], censor: '[redacted]' },
    },
    destination,
  )
  return {
    debug: (message, fields) => log.debug(fields ?? {}, message),
    info: (message, fields) => log.info(fields ?? {}, message),
    warn: (message, fields) => log.warn(fields ?? {}, message),
    error: (message, fields) => log.error(fields ?? {}, message),
  }
}
