import { fileURLToPath } from 'node:url'
import { seccompFilter } from './seccomp-filter.ts'
import type { SandboxPlan, SandboxStep } from './sandbox-plan.ts'

const starter = fileURLToPath(new URL('start-in-namespaces.pl', import.meta.url))

/** The argument array that has our own starter, a program in Perl, start a plan. */
export function namespacesCommand(perl: string, plan: SandboxPlan): string[] {
  const filter = seccompFilter(process.arch)
  return [
    perl,
    starter,
    process.arch,
    'network',
    plan.network,
    'cwd',
    plan.cwd,
    ...(filter === null ? [] : ['filter', filter.toString('hex')]),
    ...(plan.user === 'ordinary' && process.getuid?.() === 0 ? ['user', '1000'] : []),
    ...Object.entries(plan.variables).flatMap(([name, value]) => ['set', name, value]),
    ...plan.steps.flatMap(wordsOf),
    '--',
    ...plan.command,
  ]
}

function wordsOf(step: SandboxStep): string[] {
  switch (step.kind) {
    case 'private':
    case 'hide':
      return [step.kind, step.path]
    case 'show':
    case 'open':
      return [step.kind, step.source, step.path]
    case 'overlay':
      return [step.kind, step.path, step.lower, step.upper, step.work]
  }
}
