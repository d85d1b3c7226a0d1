import { bubblewrapCommand } from './bubblewrap.ts'
import { namespacesCommand } from './namespaces.ts'
import type { SandboxPlan } from './sandbox-plan.ts'

export interface SandboxForm {
  /** `bubblewrap`, or `namespaces`: our own starter in Perl. */
  readonly kind: 'bubblewrap' | 'namespaces'
  readonly program: string
}

/** The argument array that starts a plan in one form. */
export async function startPlan({ kind, program }: SandboxForm, plan: SandboxPlan): Promise<string[]> {
  switch (kind) {
    case 'bubblewrap':
      return bubblewrapCommand(program, plan)
    case 'namespaces':
      return namespacesCommand(program, plan)
  }
}
