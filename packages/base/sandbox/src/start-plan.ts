import { bubblewrapCommand } from './bubblewrap.ts'
import { landlockCommand } from './landlock.ts'
import { namespacesCommand } from './namespaces.ts'
import { seatbeltCommand } from './seatbelt.ts'
import type { SandboxPlan } from './sandbox-plan.ts'

export interface SandboxForm {
  /** `namespaces` and `landlock`: our own starters in Perl. `seatbelt`: macOS. The last two do a part of what a plan says. */
  readonly kind: 'bubblewrap' | 'namespaces' | 'landlock' | 'seatbelt'
  readonly program: string
}

/** Under such a form nothing may land without a person's word. */
export function isPartial({ kind }: Pick<SandboxForm, 'kind'> | { readonly kind: 'none' }): boolean {
  return kind === 'landlock' || kind === 'seatbelt'
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
    case 'seatbelt':
      return seatbeltCommand(program, plan)
  }
}
