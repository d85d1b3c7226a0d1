export { createEngine } from './create-engine.ts'
export type { Engine, EngineOptions, UnfinishedWorkflow, WorkflowBody, WorkflowContext, WorkflowStatus } from './engine.ts'
