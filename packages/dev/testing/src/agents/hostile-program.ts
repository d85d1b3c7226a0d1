import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findProgram } from '@coxswain/host'

export interface HostileOptions {
  /** The real program that runs behind. */
  readonly name: string
  readonly environment: Readonly<Record<string, string>>
}

/** A real program in bad company: garbage before its protocol, a child that ignores SIGTERM and one that left the process group. */
export async function writeHostileProgram({ name, environment }: HostileOptions): Promise<string> {
  const real = await findProgram(name, environment)
  if (real === null) throw new Error(`${name} is not installed`)
  const path = join(environment['HOME'] ?? '/', `hostile-${name}`)
  await writeFile(path, hostileScript(real), { mode: 0o755 })
  return path
}

function hostileScript(real: string): string {
  return `#!/bin/bash
if [ "$1" = --version ]; then exec '${real}' "$@"; fi
echo 'Warning: something is deprecated'
printf '{"half": \\n'
printf '\\xff\\xfe\\x00binary\\r\\n'
(trap '' TERM; sleep 300) </dev/null &
setsid bash -c "trap '' TERM; sleep 300" </dev/null &
exec '${real}' "$@"
`
}
