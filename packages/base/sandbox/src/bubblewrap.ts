import { sandboxFile } from './sandbox-files.ts'
import { seccompFilter } from './seccomp-filter.ts'
import type { SandboxPlan, SandboxStep } from './sandbox-plan.ts'

/** Bubblewrap reads the filter from an open file, and an array of arguments cannot open one. */
const withFilter = ['/bin/sh', '-c', 'exec 9<"$1"; shift; exec "$@"', 'sandbox']

/*
 * --unshare-user also for root: it leaves no capability and no keyring. No --new-session: the program must stay in our process group to be
 * stopped, and the filter keeps it from typing into a terminal. Bubblewrap by itself would leave the kernel's settings writable for root.
 */
const flags = [
  '--unshare-user --unshare-pid --unshare-ipc --die-with-parent --cap-drop ALL',
  '--ro-bind / / --dev /dev --proc /proc --ro-bind /proc/sys /proc/sys --ro-bind-try /proc/sysrq-trigger /proc/sysrq-trigger',
].flatMap((line) => line.split(' '))

/** The argument array that has bubblewrap start a plan. */
export async function bubblewrapCommand(program: string, plan: SandboxPlan): Promise<string[]> {
  const filter = seccompFilter(process.arch)
  return [
    ...(filter === null ? [program] : [...withFilter, await sandboxFile('seccomp', filter), program, '--seccomp', '9']),
    ...flags,
    ...plan.steps.flatMap(flagsOf),
    // What is hidden may hold places to mount on until all are made.
    ...plan.steps.flatMap(({ kind, path }) => (kind === 'hide' ? ['--remount-ro', path] : [])),
    ...(plan.network === 'none' ? ['--unshare-net'] : []),
    ...(plan.user === 'ordinary' && process.getuid?.() === 0 ? ['--uid', '1000', '--gid', '1000'] : []),
    ...Object.entries(plan.variables).flatMap(([name, value]) => ['--setenv', name, value]),
    '--chdir',
    plan.cwd,
    '--',
    ...plan.command,
  ]
}

function flagsOf(step: SandboxStep): string[] {
  switch (step.kind) {
    case 'private':
      return ['--perms', '1777', '--tmpfs', step.path]
    case 'hide':
      return ['--tmpfs', step.path]
    case 'show':
      return ['--ro-bind', step.source, step.path]
    case 'open':
      return ['--bind', step.source, step.path]
    case 'overlay':
      return ['--overlay-src', step.lower, '--overlay', step.upper, step.work, step.path]
  }
}
