import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export interface PlacedSecrets extends AsyncDisposable {
  /** Added to the person's environment: where our state is. */
  readonly environment: Readonly<Record<string, string>>
  /** One command that says of each whether it could be reached. */
  readonly attempt: string
}

const secret = 'cox-secret-4711'

/** A person's key, and of our state the daemon's token, another run's folder and the database's socket: nothing for an agent. */
export async function placeSecrets(): Promise<PlacedSecrets> {
  const root = await mkdtemp(join(tmpdir(), 'cox-secrets-'))
  const state = join(root, 'state')
  const files = [join(root, 'ssh/id'), join(state, 'repo/daemon.json'), join(state, 'repo/runs/r2/notes')]
  const socket = join(state, 'repo/postgres/socket/.s.PGSQL.5432')
  for (const file of [...files, socket]) await mkdir(dirname(file), { recursive: true })
  for (const file of files) await writeFile(file, secret)
  const server = createServer((client) => client.end(secret))
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  const connect = `perl -e 'socket(my $s, 1, 1, 0); connect($s, pack "S a108", 1, $ARGV[0]) or exit 1; print <$s>' "${socket}"`
  const reads = [...files.map((file) => `cat "${file}"`), connect]
  return {
    environment: { COXSWAIN_STATE_DIR: state },
    attempt: reads.map((read) => `(${read} 2>/dev/null | grep -q ${secret}) && echo open || echo shut`).join('; '),
    [Symbol.asyncDispose]: async () => {
      server.close()
      await rm(root, { recursive: true, force: true })
    },
  }
}
