import process from 'node:process'
import { CoxError } from '@coxswain/kernel'

export const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Until disposed, being told to end is heard at the next moment that leaves nothing behind; being told again ends this process at once. */
export interface HeldSignals extends Disposable {
  readonly wasSent: boolean
  /** Where nothing is begun that would go on; `what` was left. @throws CoxError INTERRUPTED */
  throwIfSent(what?: string): void
}

export function holdSignals(onSent: () => void = () => {}): HeldSignals {
  let wasSent = false
  const hear = (): void => {
    if (wasSent) process.exit(interruptedExitCode)
    wasSent = true
    onSent()
  }
  for (const signal of endSignals) process.on(signal, hear)
  return {
    get wasSent() {
      return wasSent
    },
    throwIfSent: (what) => {
      if (wasSent) throw interrupted(what)
    },
    [Symbol.dispose]: () => {
      for (const signal of endSignals) process.off(signal, hear)
    },
  }
}

/** As a shell has it for what a Ctrl-C ended. */
const interruptedExitCode = 130

function interrupted(what = 'Interrupted before anything was begun'): CoxError {
  return new CoxError('INTERRUPTED', what, { hint: 'Run the same command again.' })
}
