import { createHash } from 'node:crypto'
import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { atomicWrite, makePrivateFolder, readEnvironment } from '@coxswain/host'

const written = new Map<string, Promise<string>>()

/** A file of fixed content that a sandbox is started with, in the user's cache: no contained command can write there. */
export function sandboxFile(kind: string, content: Uint8Array): Promise<string> {
  const name = `${kind}-${createHash('sha256').update(content).digest('hex').slice(0, 16)}`
  const known = written.get(name) ?? write(name, content)
  written.set(name, known)
  return known
}

async function write(name: string, content: Uint8Array): Promise<string> {
  const { XDG_CACHE_HOME: cache = '', HOME: home = '' } = readEnvironment()
  const folder = join(isAbsolute(cache) ? cache : join(home === '' ? '/nonexistent' : home, '.cache'), 'coxswain')
  return keepIn(folder, name, content).catch(async () => keepIn(await mkdtemp(join(tmpdir(), 'cox-')), name, content))
}

async function keepIn(folder: string, name: string, content: Uint8Array): Promise<string> {
  const path = join(folder, name)
  const present = await readFile(path).catch(() => null)
  if (present?.equals(content)) return path
  await makePrivateFolder(folder)
  await atomicWrite(path, content, 0o600)
  return path
}
