import { CoxError } from '@coxswain/kernel'
import type { UsableSandbox } from './find-sandbox.ts'
import { planSandbox, type PlanOptions } from './plan-sandbox.ts'
import type { SandboxPlan } from './sandbox-plan.ts'
import { isPartial, startPlan, type SandboxForm } from './start-plan.ts'

export interface SandboxOptions extends PlanOptions {
  /** What `findSandbox` found. */
  readonly sandbox: UsableSandbox
}

/** The argument array that runs a command contained. Its whole process tree dies with it. @throws CoxError FOLDER_MISSING, OVERLAY_UNSUPPORTED */
export async function sandboxCommand({ sandbox, ...options }: SandboxOptions): Promise<string[]> {
  if (isPartial(sandbox) && options.network === 'proxied') throw proxyNeedsNamespaces()
  // A partial form mounts nothing: git's folder stays the real one there, and read-only.
  const { git, ...rest } = options
  const plan = await planSandbox(isPartial(sandbox) || git === undefined ? rest : { ...rest, git })
  return startPlan(formFor(plan, sandbox), plan)
}

function proxyNeedsNamespaces(): CoxError {
  return new CoxError('PROXY_UNAVAILABLE', 'No proxy leads out of a sandbox: this machine forbids networks of their own', {
    hint: 'Allow unprivileged user namespaces, or set `network` to full or none in harness/harness.yaml.',
  })
}

/** Where the first form has no overlays, another one here may. */
function formFor(plan: SandboxPlan, sandbox: UsableSandbox): SandboxForm {
  if (!plan.steps.some(({ kind }) => kind === 'overlay')) return sandbox
  if (sandbox.overlaying !== null) return sandbox.overlaying
  throw new CoxError('OVERLAY_UNSUPPORTED', 'No form of containment here can mount an overlay', {
    hint: 'Install Perl, or bubblewrap 0.11 or newer.',
  })
}
