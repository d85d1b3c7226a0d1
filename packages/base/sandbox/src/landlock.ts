import { fileURLToPath } from 'node:url'
import { CoxError } from '@coxswain/kernel'
import type { SandboxPlan, SandboxStep } from './sandbox-plan.ts'
import { seccompFilter } from './seccomp-filter.ts'

const starter = fileURLToPath(new URL('start-in-landlock.pl', import.meta.url))

/** The argument array that has our starter for Landlock, a program in Perl, start a plan. */
export function landlockCommand(perl: string, plan: SandboxPlan): string[] {
  const filter = seccompFilter(process.arch, plan.network === 'none' ? 'no-sockets' : 'no-local-sockets')
  if (filter === null)
    throw new CoxError('SANDBOX_MISSING', `No system calls are known for ${process.arch}`, { hint: 'Allow user namespaces.' })
  return [
    perl,
    starter,
    process.arch,
    'cwd',
    plan.cwd,
    'filter',
    filter.toString('hex'),
    ...Object.entries(plan.variables).flatMap(([name, value]) => ['set', name, value]),
    ...plan.steps.flatMap(wordsOf),
    '--',
    ...plan.command,
  ]
}

/** It shows and opens what is there, and nothing in another place. */
function wordsOf(step: SandboxStep): string[] {
  switch (step.kind) {
    case 'private':
    case 'hide':
      return [step.kind, step.path]
    case 'show':
    case 'open':
      return step.source === step.path
        ? [step.kind, step.path]
        : [isEmptied(step) ? 'hide' : 'show', step.path, 'show', step.source]
    case 'overlay':
      throw new CoxError('OVERLAY_UNSUPPORTED', 'Landlock mounts no overlay', { hint: 'Allow user namespaces.' })
  }
}

/** An empty file of ours in its place. */
function isEmptied({ source }: { readonly source: string }): boolean {
  return /\/coxswain\/empty-[0-9a-f]+$/.test(source)
}
