export {
  architectureFile,
  readArchitecture,
  type Architecture,
  type ArchitectureFile,
  type Capability,
} from './architecture/architecture.ts'
export { estimateTokens } from './count-tokens.ts'
export { rules } from './registry.ts'
export type { Rewrite, TextEdit } from './rewrite.ts'
export type { AnyRule, GraphRule, ImportEdit, RawFinding, Rule, RuleContext } from './rule.ts'
export { protectedPaths } from './rules/protected-config.ts'
export { exemptionsIn, weakenedSettings, type StatedExemption } from './weakened/weakened-settings.ts'
export { declaredNames, findBlindSpot, type UnusedClaim } from './unused-claim.ts'
export { isStartedElsewhere } from './rules/started-elsewhere.ts'
