import { bubblewrapCommand } from './bubblewrap.ts'
import { landlockCommand } from './landlock.ts'
import { namespacesCommand } from './namespaces.ts'
import type { SandboxPlan } from './sandbox-plan.ts'

export interface SandboxForm {
  /** `namespaces` and `landlock`: our own starters in Perl. The last one does a part of what a plan says. */
  readonly kind: 'bubblewrap' | 'namespaces' | 'landlock'
  readonly program: string
}

/** The argument array that starts a plan in one form. */
export async function startPlan({ kind, program }: SandboxForm, plan: SandboxPlan): Promise<string[]> {
  switch (kind) {
    case 'bubblewrap':
      return bubblewrapCommand(program, plan)
    case 'namespaces':
      return namespacesCommand(program, plan)
    case 'landlock':
      return landlockCommand(program, plan)
  }
}
