import { runCommand } from '@coxswain/host'
import { minutes } from '@coxswain/kernel'
import { ownerRole } from './cluster-access.ts'
import { scramVerifier } from './scram-verifier.ts'

export interface StoppedCluster {
  readonly cluster: string
  readonly dataDir: string
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly password: string
}

/** Gives the owner of a cluster a new password without the old one, which is lost: the folder is ours, so is what lies in it. The server must not run. False when it could not be done. */
export async function resetOwner({ cluster, dataDir, command, env, password }: StoppedCluster): Promise<boolean> {
  const result = await runCommand({
    command: [...command, '--single', '-D', cluster, 'postgres'],
    cwd: dataDir,
    env,
    stdin: `alter role ${ownerRole} with password '${scramVerifier(password)}'\n`,
    timeout: minutes(2),
  })
  return result.exitCode === 0
}
