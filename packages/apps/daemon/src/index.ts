export { agentEnvironment, agentNames, createBackend } from './backends.ts'
export { startDaemon, type Daemon, type DaemonOptions } from './start-daemon.ts'
export { version } from './version.ts'
export { landingBranch } from './landing-branch.ts'
