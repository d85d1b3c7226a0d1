import { join } from 'node:path'
import { mkdir, readdir } from 'node:fs/promises'
import type { AgentSession } from '@coxswain/agents'
import { findProcessesBelow, removePrivateGit, stopDetachedBelow } from '@coxswain/host'
import type { RunId } from '@coxswain/model'
import type { RunProgress } from './run-progress.ts'
import type { RunServices } from './services.ts'

/** Where a conversation keeps its process, home and logs. */
function sessionDir(run: RunId, session: number, services: RunServices): string {
  return join(services.runsDir, run, `session-${session}`)
}

/** Names the process of a conversation within its run: a leg that ends closes it, and after a failure it is started anew. */
export function programOf({ leg, session, restarts }: Pick<RunProgress, 'leg' | 'session' | 'restarts'>): string {
  return `${leg}.${session}.${restarts}`
}

/** The live session of a conversation, opened or attached to when this worker does not hold it. */
export async function holdSession(key: string, services: RunServices, open: () => Promise<AgentSession>): Promise<AgentSession> {
  const held = services.sessions.get(key)
  if (held !== undefined) return held
  const session = await open()
  services.sessions.set(key, session)
  return session
}

export async function ensureSessionDir(run: RunId, session: number, services: RunServices): Promise<string> {
  const dir = sessionDir(run, session, services)
  await mkdir(dir, { recursive: true, mode: 0o700 })
  return dir
}

/** What works for the run goes on without us: the worker that has it joins it. */
export async function letGo(run: RunId, { sessions, logger }: Pick<RunServices, 'sessions' | 'logger'>): Promise<void> {
  for (const [key, session] of sessions) {
    if (!key.startsWith(`${run}/`)) continue
    sessions.delete(key)
    await session.detach().catch((error: unknown) => logger.warn('a session was not let go', { key, error: String(error) }))
  }
}

/**
 * Ends whatever works for a run: its conversations, also those whose session object died with an earlier life of ours, gates and set-ups.
 * Returns the processes that are alive all the same.
 */
export async function endWork(
  run: RunId,
  { sessions, runsDir, logger }: Pick<RunServices, 'sessions' | 'runsDir' | 'logger'>,
): Promise<readonly number[]> {
  for (const [key, session] of sessions) {
    if (!key.startsWith(`${run}/`)) continue
    sessions.delete(key)
    await session.close().catch((error: unknown) => logger.warn('a session did not close cleanly', { key, error: String(error) }))
  }
  await stopDetachedBelow(join(runsDir, run))
  const alive = await findProcessesBelow(join(runsDir, run))
  // With what agents stashed and committed there: their files were the work.
  if (alive.length === 0)
    for (const name of await readdir(join(runsDir, run)).catch(() => []))
      if (name.startsWith('session-')) await removePrivateGit(gitOf(join(runsDir, run, name)))
  return alive
}

/** Where a conversation has a git folder of its own. */
export function gitOf(stateDir: string): string {
  return join(stateDir, 'git')
}
