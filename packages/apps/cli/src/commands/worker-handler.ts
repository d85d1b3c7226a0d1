import { hostname } from 'node:os'
import process from 'node:process'
import type { CliContext } from '../cli-context.ts'
import { refuseInsideRun } from '../inside-run.ts'
import { ownCommand } from '../own-command.ts'
import { present, type CommonFlags } from '../common-flags.ts'

export async function work(this: CliContext, flags: CommonFlags & { readonly name?: string }): Promise<void> {
  await present(this, flags, async () => {
    refuseInsideRun()
    const { startDaemon } = await import('@coxswain/daemon')
    const name = flags.name ?? `${hostname()}-worker-${process.pid}`
    const asked = Promise.withResolvers<void>()
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => asked.resolve())
    const daemon = await startDaemon({
      folder: flags.directory ?? process.cwd(),
      role: 'worker',
      worker: name,
      cox: ownCommand(),
    })
    this.process.stderr.write(`worker ${name} takes runs; Ctrl-C stops\n`)
    await Promise.race([asked.promise, daemon.finished])
    await daemon.close()
    return { json: { worker: name }, text: '' }
  })
}
