import { randomBytes, randomUUID } from 'node:crypto'
import { chmod, link, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

export interface Passwords {
  readonly owner: string
  readonly app: string
}

const word = z.string().regex(/^[A-Za-z0-9_-]{32,}$/)
const Stored = z.object({ version: z.literal(1), owner: word, app: word })

/** Of the two roles; read by this user alone, made once for all who start at the same time. One that cannot be read is made anew. */
export async function ensurePasswords(dataDir: string): Promise<Passwords> {
  const path = passwordFile(dataDir)
  for (;;) {
    const present = await readPasswords(path)
    if (present !== null) return present
    await createOnce(path)
  }
}

export function passwordFile(dataDir: string): string {
  return join(dataDir, 'passwords.json')
}

async function readPasswords(path: string): Promise<Passwords | null> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  })
  if (text === null) return null
  const { data } = Stored.safeParse(parsed(text))
  // Its content is of no use: the owner of the cluster gets a new one, see `single-user.ts`.
  if (data === undefined) await rm(path, { force: true })
  else await chmod(path, 0o600)
  return data === undefined ? null : { owner: data.owner, app: data.app }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** A link, unlike a rename, never replaces what another process has written meanwhile. */
async function createOnce(path: string): Promise<void> {
  const staging = `${path}.${randomUUID()}.tmp`
  const password = (): string => randomBytes(32).toString('base64url')
  const file = await open(staging, 'wx', 0o600)
  try {
    await file.writeFile(JSON.stringify({ version: 1, owner: password(), app: password() } satisfies z.infer<typeof Stored>))
    await file.sync()
    await link(staging, path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    await file.close()
    await rm(staging, { force: true })
  }
}
