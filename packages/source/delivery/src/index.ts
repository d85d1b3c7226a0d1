export { compile, hasErrors, isStale, type CompileOptions, type CompileReport } from './compile/compile.ts'
export { findBlocks, removeBlocks, writeBlock, type Block } from './compile/block.ts'
export { compileConfigFile, targets, type CompileConfig, type Target } from './compile/compile-config.ts'
export type { Change } from './compile/change.ts'
export { planOutputs } from './compile/plan-outputs.ts'
export { renderChange, renderCompile } from './compile/render-compile.ts'
export type { CompileInput, Degradation, Output } from './compile/surface.ts'
export { bill, renderBill, type RunRate, type Bill, type BillOptions, type BillRow } from './context/bill.ts'
export {
  context,
  parseAgentName,
  type Context,
  type ContextLoss,
  type ContextOptions,
  type ContextPiece,
} from './context/context.ts'
export { loadTokenCounter } from './context/load-token-counter.ts'
export { agentNames, loadingRules, type AgentName, type LoadingRules } from './context/loading-rules.ts'
export { predict, type Prediction } from './context/predict.ts'
export { renderContext } from './context/render-context.ts'
