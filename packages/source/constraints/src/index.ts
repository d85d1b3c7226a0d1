export type { CheckFinding, CheckRequest, CheckRunner } from './check-runner.ts'
export { readBody, readExamples, type Body, type Section } from './body-sections.ts'
export {
  checksOf,
  hookMoments,
  rungKind,
  rungKinds,
  severities,
  type Check,
  type Constraint,
  type ExampleFile,
  type Rung,
  type RungKind,
  type Severity,
} from './constraint.ts'
export type { Exempted } from './exempted-between.ts'
export { enforceConstraints, type Breach, type EnforceOptions } from './enforce-constraints.ts'
export { openMatchCache, type MatchCache } from './match-cache.ts'
export { crossCheck, isConstraintReference } from './cross-check.ts'
export {
  describeCheck,
  explainConstraint,
  listConstraints,
  renderConstraintRows,
  type ConstraintRow,
} from './explain-constraint.ts'
export { formatConstraint } from './format-constraint.ts'
export { listTree } from './list-tree.ts'
export { constraintFolder, loadConstraints, type LoadedConstraints } from './load-constraints.ts'
export { loadSkills, skillFolder, type LoadedSkills, type Skill, type SkillFile } from './load-skills.ts'
export { nearestWord } from './nearest-word.ts'
export { newConstraint, type NewConstraint } from './new-constraint.ts'
export { conflictLine, parseConstraint, type ConstraintSource, type ParsedConstraint } from './parse-constraint.ts'
export { compareText, errorAt, renderProblems, sortProblems, warningAt, type Place, type Problem } from './problem.ts'
export { weakenedConstraints, type Weakening } from './weakened-constraints.ts'
export {
  renderWeakened,
  weakenedBetween,
  type DeclaredWeakening,
  type SettingsTest,
  type WeakenedReport,
} from './weakened-between.ts'
export { isErrorCode, readText } from './read-text.ts'
export { readUnchanged, readUnchangedOrNull, type ReadFile } from './read-unchanged.ts'
export { readYaml, type YamlResult, type YamlSchema, type YamlSource } from './read-yaml.ts'
export { readRuleFront, splitGlobs } from './rule-globs.ts'
export { filesUnder, globBase, globTest, leavesTree, scopeTest, type PathTest } from './scope.ts'
export { sourceRoot } from './source-root.ts'
export { splitFrontMatter, type SplitDocument } from './split-front-matter.ts'
export {
  checkRunner,
  isFailed,
  renderSelfTests,
  testConstraints,
  type SelfTest,
  type SelfTestOptions,
} from './test-constraints.ts'
