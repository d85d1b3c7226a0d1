import { realpath } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { findProgram, readEnvironment } from '@coxswain/host'
import { CoxError } from '@coxswain/kernel'
import type { PlanOptions } from './plan-sandbox.ts'
import { proxyFolder } from './proxy-folder.ts'
import type { SandboxPlan } from './sandbox-plan.ts'

const forwarder = fileURLToPath(new URL('forward-to-proxy.pl', import.meta.url))

/** Short, because the path of a socket has little more than a hundred bytes. */
const seenAt = '/run/coxswain-proxy'
const port = 37_128

/** What leads a command in a network of its own to the proxies of this person's daemons. @throws CoxError PROXY_UNAVAILABLE */
export async function planProxy(options: PlanOptions): Promise<Pick<SandboxPlan, 'command' | 'steps' | 'variables'>> {
  const { command, environment = readEnvironment() } = options
  const perl = await findProgram('perl', environment)
  const folder = await realpath(proxyFolder(environment)).catch(() => null)
  if (perl === null || folder === null)
    throw new CoxError(
      'PROXY_UNAVAILABLE',
      `No proxy leads out of a sandbox: ${perl === null ? 'Perl is not installed' : 'none is open'}`,
      {
        hint: 'Install Perl and start the daemon, or set `network` to full or none in harness/harness.yaml.',
      },
    )
  return {
    command: [perl, forwarder, seenAt, String(port), ...command],
    steps: [{ kind: 'show', source: folder, path: seenAt }],
    variables: proxyVariables(`http://127.0.0.1:${port}`),
  }
}

/** Programs read them in one case or the other; Node when it is told to. */
function proxyVariables(address: string): Record<string, string> {
  const local = 'localhost,127.0.0.1,::1'
  return {
    http_proxy: address,
    https_proxy: address,
    HTTP_PROXY: address,
    HTTPS_PROXY: address,
    no_proxy: local,
    NO_PROXY: local,
    NODE_USE_ENV_PROXY: '1',
  }
}
