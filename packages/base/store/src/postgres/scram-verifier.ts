import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto'

const iterations = 4096
const shape = /^SCRAM-SHA-256\$(\d+):([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)$/

/** What Postgres keeps instead of a password (RFC 5803). Statements and files carry this alone: logs may quote them. */
export function scramVerifier(password: string, salt: Buffer = randomBytes(16), rounds = iterations): string {
  const salted = pbkdf2Sync(password, salt, rounds, 32, 'sha256')
  const hmac = (text: string): Buffer => createHmac('sha256', salted).update(text).digest()
  const stored = createHash('sha256').update(hmac('Client Key')).digest('base64')
  return `SCRAM-SHA-256$${rounds}:${salt.toString('base64')}$${stored}:${hmac('Server Key').toString('base64')}`
}

export function isVerifierOf(verifier: string | null, password: string): boolean {
  const [, rounds, salt] = shape.exec(verifier ?? '') ?? []
  if (verifier === null || rounds === undefined || salt === undefined) return false
  const [given, ours] = [verifier, scramVerifier(password, Buffer.from(salt, 'base64'), Number(rounds))].map((text) =>
    createHash('sha256').update(text).digest(),
  )
  return given !== undefined && ours !== undefined && timingSafeEqual(given, ours)
}
