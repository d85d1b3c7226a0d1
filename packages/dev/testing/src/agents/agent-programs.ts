import { join } from 'node:path'
import { readEnvironment } from '@coxswain/host'

/** Where `npm run test:agents` keeps the real programs, outside the repository. */
export function agentCacheFolder(): string {
  const environment = readEnvironment()
  const cache = environment['XDG_CACHE_HOME'] ?? join(environment['HOME'] ?? '/tmp', '.cache')
  return join(cache, 'coxswain/agents')
}

export function agentProgramFolder(): string {
  return join(agentCacheFolder(), 'node_modules/.bin')
}
