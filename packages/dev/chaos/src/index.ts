export { coxCommand, openWorld, type World, type WorldOptions } from './open-world.ts'
export { findLive, startDaemon, stopDaemon } from './daemon-keeper.ts'
export { isSound, renderReport } from './render-report.ts'
export { runChaos, type ChaosOptions, type ChaosReport } from './run-chaos.ts'
