export {
  keptOutput,
  type AgentEvent,
  type ApprovalDecision,
  type ApprovalRequest,
  type RateLimitWindow,
  type ToolKind,
} from './event.ts'
export { agentFailureKinds, type AgentFailure, type AgentFailureKind } from './failure.ts'
export type {
  AgentBackend,
  AgentCapabilities,
  AgentIntroduction,
  AgentProbe,
  AgentSession,
  CloseReport,
  Containment,
  ProbeOptions,
  ProbeTrial,
  SessionOptions,
  TurnRequest,
  TurnResult,
} from './session.ts'
export { addUsage, noUsage, totalTokens, type PriceOf, type TokenUsage } from './usage.ts'
