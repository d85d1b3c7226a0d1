export { importConstraints, renderImported, type Draft, type Imported } from './import/import-constraints.ts'
export type { Enforcement } from './read/enforcement.ts'
export { scan, type Received, type Scan, type ScanOptions, type Violations, type ViolationsAsked } from './scan/scan.ts'
export { renderScan } from './scan/render-scan.ts'
export { planInit, type InitOptions, type InitPlan, type ProposedFile, type SentenceRow } from './init/plan-init.ts'
export { renderInit } from './init/render-init.ts'
export { proposeToolchain } from './toolchain/propose-toolchain.ts'
export type { ProposedGate, ProposedSetup, Toolchain } from './toolchain/toolchain.ts'
export {
  describeTrial,
  tryToolchain,
  untried,
  type Trial,
  type TrialOptions,
  type TriedToolchain,
} from './toolchain/try-toolchain.ts'
