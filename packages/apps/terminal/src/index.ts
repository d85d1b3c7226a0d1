export { followLive, type LiveOptions } from './follow-live.ts'
export { describeEvent, renderEvent } from './render-event.ts'
export { agentLabel, renderEnd, renderGates, renderRunLine, runResult, suspendedWords } from './render-run.ts'
export { plain, plainBlock, table } from './table.ts'
