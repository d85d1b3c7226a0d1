export { agentConformance, type ConformanceCase } from './agent-conformance.ts'
export { conformanceFailures, conformanceScenarios, type ConformanceFailure, type ConformanceScenario } from './scenarios.ts'
export type { ClientRequest, ConformanceClient, ConformanceModel, ConformanceTarget, ConformanceWorld } from './target.ts'
export { openDriver, type DriverOptions, type DriverTurn, type SessionDriver } from './session-driver.ts'
