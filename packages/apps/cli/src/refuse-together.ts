import { CoxError } from '@coxswain/kernel'

/** Flags that say different things; `given` holds those that were. @throws CoxError FLAGS_CONFLICT */
export function refuseTogether(given: readonly string[], hint: string): void {
  if (given.length > 1) throw new CoxError('FLAGS_CONFLICT', `${given.join(' and ')} do not go together`, { hint })
}
