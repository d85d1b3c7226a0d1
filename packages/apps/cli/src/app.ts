import { buildApplication, buildRouteMap, type RouteMap } from '@stricli/core'
import type { CliContext } from './cli-context.ts'
import { adoptCommand } from './commands/adopt.ts'
import { campaignCommand, checkCommand } from './commands/check.ts'
import { cleanCommand } from './commands/clean.ts'
import { completionRoutes } from './commands/completion.ts'
import { compileCommand, contextCommand, scanCommand } from './commands/compile.ts'
import { constraintRoutes } from './commands/constraint.ts'
import {
  approveCommand,
  cancelCommand,
  pauseCommand,
  resumeCommand,
  reworkCommand,
  sayCommand,
} from './commands/interventions.ts'
import { doctorCommand } from './commands/doctor.ts'
import { initCommand } from './commands/init.ts'
import { logsCommand } from './commands/logs.ts'
import { runCommand } from './commands/run.ts'
import { showCommand } from './commands/show.ts'
import { statusCommand } from './commands/status.ts'
import { taskRoutes } from './commands/task.ts'
import { downCommand, upCommand } from './commands/up.ts'
import { workerCommand } from './commands/worker.ts'
import { usageText } from './usage-text.ts'

const root: RouteMap<CliContext> = buildRouteMap({
  routes: {
    init: initCommand,
    run: runCommand,
    task: taskRoutes,
    up: upCommand,
    down: downCommand,
    status: statusCommand,
    show: showCommand,
    logs: logsCommand,
    say: sayCommand,
    approve: approveCommand,
    pause: pauseCommand,
    resume: resumeCommand,
    cancel: cancelCommand,
    rework: reworkCommand,
    check: checkCommand,
    campaign: campaignCommand,
    constraint: constraintRoutes,
    compile: compileCommand,
    context: contextCommand,
    scan: scanCommand,
    worker: workerCommand,
    clean: cleanCommand,
    adopt: adoptCommand,
    doctor: doctorCommand,
    completion: completionRoutes,
  },
  docs: {
    brief: 'The harness for coding agents: humans steer, agents row',
    fullDescription:
      'The harness for coding agents: humans steer, agents row.\n\nFirst steps:\n  cox init                       write harness/harness.yaml\n  cox run "fix the flaky test"   one task, followed to its end\n  cox task add "…"  &&  cox up   a backlog, worked on unattended\n  cox -C DIR <command>           as if started in that folder\n\nExit codes: 0 done, 1 the work did not succeed, 2 wrong usage or an error.',
  },
})

export const app = buildApplication(root, {
  name: 'cox',
  localization: { loadText: () => usageText },
  versionInfo: { currentVersion: '0.1.0' },
  scanner: { caseStyle: 'allow-kebab-for-camel', allowArgumentEscapeSequence: true },
  documentation: { caseStyle: 'convert-camel-to-kebab', useAliasInUsageLine: true },
})
