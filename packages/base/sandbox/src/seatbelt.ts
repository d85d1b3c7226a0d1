import type { SandboxPlan, SandboxStep } from './sandbox-plan.ts'

/*
 * macOS, untested: written after Apple's profiles on such machines, never run on one. It is partial by what it cannot do: /tmp is hidden and not
 * a private one, a network is open or closed, and an overlay is unknown.
 */

/** The argument array that has `sandbox-exec` start a plan. */
export function seatbeltCommand(program: string, plan: SandboxPlan): string[] {
  const variables = Object.entries(plan.variables).map(([name, value]) => `${name}=${value}`)
  return [program, '-p', seatbeltProfile(plan), '/usr/bin/env', ...variables, ...plan.command]
}

/** Of several rules that fit, the last one holds. */
export function seatbeltProfile(plan: SandboxPlan): string {
  return [
    '(version 1)',
    '(allow default)',
    '(deny file-write*)',
    '(allow file-write* (literal "/dev/null") (literal "/dev/zero") (literal "/dev/tty") (regex #"^/dev/ttys[0-9]+$"))',
    '(deny signal (target others))',
    '(deny process-info* (target others))',
    '(deny mach-lookup (global-name "com.apple.SecurityServer") (global-name "com.apple.securityd.xpc"))',
    '(deny network-outbound (remote unix-socket))',
    ...(plan.network === 'none' ? ['(deny network*)'] : []),
    ...plan.steps.flatMap(rulesOf),
  ].join('\n')
}

function rulesOf(step: SandboxStep): string[] {
  const place = `(subpath ${JSON.stringify(step.path)})`
  switch (step.kind) {
    case 'private':
    case 'hide':
      return [`(deny file-read* file-write* ${place})`, `(allow file-read-metadata ${place})`]
    case 'show':
      // Something else in its place cannot be had: it is closed.
      return step.source === step.path
        ? [`(allow file-read* ${place})`, `(deny file-write* ${place})`]
        : [`(deny file-read* ${place})`]
    case 'open':
      return [`(allow file-read* file-write* ${place})`]
    case 'overlay':
      return [`(deny file-read* file-write* ${place})`]
  }
}
