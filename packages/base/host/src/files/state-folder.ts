import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Repository } from '../git/repository.ts'

/** Where a repository's runtime state lives on this machine, outside the repository. */
export interface StateFolder {
  readonly root: string
  readonly runs: string
  readonly worktrees: string
  readonly postgres: string
  readonly address: string
  readonly log: string
}

/** `$COXSWAIN_STATE_DIR`, else `$XDG_STATE_HOME/coxswain`, else `~/.local/state/coxswain`; one folder a repository. */
export function stateFolder(repository: Pick<Repository, 'id'>, env: Readonly<Record<string, string>>): StateFolder {
  const base = env['COXSWAIN_STATE_DIR'] ?? join(env['XDG_STATE_HOME'] ?? join(env['HOME'] ?? '/', '.local/state'), 'coxswain')
  const root = join(base, repository.id)
  return {
    root,
    runs: join(root, 'runs'),
    worktrees: join(root, 'worktrees'),
    postgres: join(root, 'postgres'),
    address: join(root, 'daemon.json'),
    log: join(root, 'daemon.log'),
  }
}

export async function ensureStateFolder(folder: StateFolder): Promise<void> {
  await mkdir(folder.root, { recursive: true, mode: 0o700 })
  await mkdir(folder.runs, { recursive: true, mode: 0o700 })
}
