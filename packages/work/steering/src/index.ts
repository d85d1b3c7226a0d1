export { closestName } from './closest-name.ts'
export { configTemplate } from './config-template.ts'
export { configPath, loadConfig, parseConfig } from './load-config.ts'
export { weakenedHarness } from './weakened-harness.ts'
