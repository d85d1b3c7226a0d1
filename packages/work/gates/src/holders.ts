import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { atomicWrite, findDetachedBelow, identify, isSameAlive } from '@coxswain/host'
import { z } from 'zod'

/** Who uses a folder: one of our processes for what lives below `owner`, such as the gates of one tree. */
const Holder = z.object({
  version: z.literal(1),
  owner: z.string(),
  process: z.object({ pid: z.number(), startedAt: z.string() }),
})
type Holder = z.infer<typeof Holder>

/** Writes down that `owner` uses the folder; the same owner replaces what an earlier life of ours wrote. */
export async function hold(folder: string, owner: string): Promise<void> {
  const identity = identify(process.pid)
  if (identity === null) throw new Error('we are alive')
  await mkdir(folder, { recursive: true })
  await atomicWrite(fileOf(folder, owner), JSON.stringify({ version: 1, owner, process: identity } satisfies Holder))
}

export async function letGo(folder: string, owner: string): Promise<void> {
  await rm(fileOf(folder, owner), { force: true })
}

/** Owners but one that still use the folder. One whose process is gone counts while a gate of it lives. */
export async function otherHolders(folder: string, owner: string | null): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => [])
  const found: string[] = []
  for (const name of names.filter((entry) => entry.endsWith('.json'))) {
    const holder = await read(join(folder, name))
    if (holder === null || holder.owner === owner) continue
    if (isSameAlive(holder.process) || (await findDetachedBelow(holder.owner)).length > 0) found.push(holder.owner)
    else await rm(join(folder, name), { force: true })
  }
  return found
}

async function read(file: string): Promise<Holder | null> {
  try {
    return Holder.safeParse(JSON.parse(await readFile(file, 'utf8'))).data ?? null
  } catch {
    return null
  }
}

function fileOf(folder: string, owner: string): string {
  return join(folder, `${createHash('sha256').update(owner).digest('hex').slice(0, 24)}.json`)
}
