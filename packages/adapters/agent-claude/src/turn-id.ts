import { createHash } from 'node:crypto'

/*
 * Claude answers a message once per id in a conversation, also when it is resumed: ids follow from our keys, so that a message is never
 * answered twice, and hold the key of the session, so that a new session may ask again.
 */
const marks = { turn: '7475726e', steer: '73746565', session: '73657373' } as const

export function idOf(kind: keyof typeof marks, ...keys: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(keys)).digest('hex')
  return `${marks[kind]}-${hash.slice(0, 4)}-4${hash.slice(4, 7)}-8${hash.slice(7, 10)}-${hash.slice(10, 22)}`
}

/** What a message id of ours was for; null for somebody else's. */
export function kindOfId(id: string): 'turn' | 'steer' | null {
  if (id.startsWith(marks.turn)) return 'turn'
  return id.startsWith(marks.steer) ? 'steer' : null
}
