export {
  modelFailures,
  type ModelFailure,
  type ModelRateLimit,
  type ModelScript,
  type ModelStep,
  type ModelTool,
  type ModelUsage,
} from './model-server/script.ts'
export { startModelServer, type ModelRequest, type ModelServer } from './model-server/start-model-server.ts'
export { conformanceScript, editUsage } from './agents/conformance-script.ts'
export { openAgentWorld, type AgentPlace, type AgentWorldOptions } from './agents/open-agent-world.ts'
export { writeHostileProgram, type HostileOptions } from './agents/hostile-program.ts'
export { privateGitCase } from './agents/private-git-case.ts'
export { placeSecrets } from './agents/place-secrets.ts'
export { agentProgramFolder } from './agents/agent-programs.ts'
