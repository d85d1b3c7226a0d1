import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Actor } from '@coxswain/model'

export interface Credential {
  readonly token: string
  readonly actor: Actor
}

/** Others at each start of a daemon. */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

/** Who holds the token of this header; every credential is compared, each in constant time. */
export function holderOf(authorization: string | undefined, credentials: readonly Credential[]): Actor | null {
  const given = digest(authorization ?? '')
  let holder: Actor | null = null
  for (const { token, actor } of credentials) if (timingSafeEqual(given, digest(`Bearer ${token}`))) holder = actor
  return holder
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
