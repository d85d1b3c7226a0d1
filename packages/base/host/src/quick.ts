export { readEnvironment, scrubEnvironment } from './environment.ts'
export { runCommand } from './process/run-command.ts'
export { programStamp, type ProgramParts } from './program-stamp.ts'
export { systemClock } from './system-clock.ts'
