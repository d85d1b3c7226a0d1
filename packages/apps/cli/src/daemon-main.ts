import { writeFile } from 'node:fs/promises'
import process from 'node:process'
import { installMissing } from './node-22/install-missing.ts'
import { startDaemon } from '@coxswain/daemon'
import { CoxError, errorMessage, isCoxError } from '@coxswain/kernel'

/** The process behind `cox up -d` and behind commands that need a daemon for themselves: `<repository> <role> <file for a start error>`. */
const [folder = '.', role = 'daemon', errorFile] = process.argv.slice(2)

installMissing()
try {
  const daemon = await startDaemon({ folder, role: role === 'ephemeral' ? 'ephemeral' : 'daemon' })
  const asked = Promise.withResolvers<void>()
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => asked.resolve())
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
  if (errorFile !== undefined) await writeFile(errorFile, JSON.stringify(known.toJSON()))
  process.exit(2)
}
