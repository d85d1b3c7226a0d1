import { runCommand } from '@coxswain/host'
import { CoxError, seconds } from '@coxswain/kernel'
import { chown, stat } from 'node:fs/promises'

export interface Unprivileged {
  /** Put before a command so that it does not run as root. */
  readonly prefix: readonly string[]
  /** Gives a folder to the account that the command runs as. */
  readonly own: (path: string) => Promise<void>
}

interface Probe {
  readonly program: string
  readonly dir: string
  readonly env: Readonly<Record<string, string>>
}

const unchanged = async (): Promise<void> => {}
const nobody = 65_534

/** Postgres refuses root. A user namespace needs no other account and no change of owners; without one an unprivileged account is used. @throws CoxError DATABASE_ROOT_REFUSED */
export async function findUnprivileged(probe: Probe): Promise<Unprivileged> {
  if (process.getuid?.() !== 0) return { prefix: [], own: unchanged }
  const namespace = ['unshare', '--user', '--map-user=1000', '--map-group=1000', '--']
  if (await canRun(namespace, probe)) return { prefix: namespace, own: unchanged }
  const account = ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', '--']
  const own = (path: string): Promise<void> => chown(path, nobody, nobody)
  const owner = (await stat(probe.dir)).uid
  await own(probe.dir)
  if (await canRun(account, probe)) return { prefix: account, own }
  await chown(probe.dir, owner, owner)
  throw new CoxError(
    'DATABASE_ROOT_REFUSED',
    'Postgres does not run as root, and neither a user namespace nor another account can be used here',
    {
      hint: 'Run as an ordinary user, allow user namespaces, or set COXSWAIN_DATABASE_URL to a Postgres of your own.',
      data: { dir: probe.dir },
    },
  )
}

async function canRun(prefix: readonly string[], { program, dir, env }: Probe): Promise<boolean> {
  const command = [...prefix, program, '--version']
  const result = await runCommand({ command, cwd: dir, env, timeout: seconds(60) }).catch(() => null)
  return result?.exitCode === 0
}
