import { flushCompileCache } from 'node:module'
import process from 'node:process'
import { startDaemon } from '@coxswain/daemon'
import { CoxError, errorMessage, isCoxError } from '@coxswain/kernel'
import { ownCommand } from './own-command.ts'

/** `<repository> <role>`; ends the process. */
export async function runDaemon([folder = '.', role = 'daemon']: readonly string[]): Promise<never> {
  try {
    // Before anything is started: a signal in the middle of the start must not leave a database behind.
    const asked = Promise.withResolvers<void>()
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => asked.resolve())
    const daemon = await startDaemon({ folder, role: role === 'ephemeral' ? 'ephemeral' : 'daemon', cox: ownCommand() })
    // A daemon mostly ends by a signal, too late to write the cache.
    flushCompileCache()
    await Promise.race([daemon.finished, asked.promise])
    await daemon.close()
    process.exit(0)
  } catch (error) {
    const known = isCoxError(error)
      ? error
      : new CoxError('DAEMON_FAILED', errorMessage(error), {
          hint: 'This is a bug of Coxswain: please report it with this message.',
          cause: error,
        })
    process.stderr.write(`${JSON.stringify({ ...known.toJSON(), stack: error instanceof Error ? error.stack : undefined })}\n`)
    await tellStarter({ error: known.toJSON() })
    process.exit(2)
  }
}

/** Who started us may be gone, or have found another daemon. */
function tellStarter(message: object): Promise<void> {
  return new Promise((resolve) => {
    if (!process.connected || process.send === undefined) return resolve()
    process.send(message, undefined, undefined, () => resolve())
  })
}
