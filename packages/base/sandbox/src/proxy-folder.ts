import { join } from 'node:path'
import { stateBase } from '@coxswain/host'

/** Where the daemons of a person open the way to the internet for contained commands. */
export function proxyFolder(env: Readonly<Record<string, string>>): string {
  return join(stateBase(env), 'proxies')
}
