import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Access } from './containment.ts'
import { cacheVariables, forOlderPnpm, usesPnpm } from './run-set-up.ts'

/** Caches of one gate alone: what one gate leaves there, the next must not find. */
export async function makeGateHome(dir: string): Promise<string> {
  const home = join(dir, 'home')
  await mkdir(join(home, 'cache'), { recursive: true })
  return home
}

export function gateVariables(dir: string, tree: string, access: Access): Record<string, string> {
  const caches = join(dir, 'home/cache')
  return {
    ...cacheVariables(caches),
    ...(usesPnpm(tree) ? forOlderPnpm(caches) : {}),
    ...(access.network === 'none' ? offline : {}),
  }
}

/** Without a network these tools wait and try again for minutes; told of it, they say at once what they miss. */
const offline = {
  npm_config_offline: 'true',
  YARN_ENABLE_NETWORK: '0',
  CARGO_NET_OFFLINE: 'true',
  GOPROXY: 'off',
  PIP_NO_INDEX: '1',
}
