import { readEnvironment } from '@coxswain/host'
import { CoxError } from '@coxswain/kernel'

/** Where the door of the run is that this process works for; null for everybody else. */
export function runDoor(): string | null {
  return readEnvironment()['COXSWAIN_RUN_SOCKET'] || null
}

/** @throws CoxError ACT_NOT_ALLOWED inside a run */
export function refuseInsideRun(): void {
  if (runDoor() !== null) throw notInsideRun()
}

export function notInsideRun(): CoxError {
  const { COXSWAIN_RUN: run = 'the run' } = readEnvironment()
  return new CoxError('ACT_NOT_ALLOWED', `Inside ${run} this is not allowed: what happens to runs is for a person to decide`, {
    hint: `\`cox show ${run}\` tells how it stands, \`cox say ${run} "…"\` asks its person.`,
    data: { run },
  })
}
