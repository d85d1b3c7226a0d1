import type { AnyRule } from './rule.ts'
import { boundedConcurrency } from './rules/bounded-concurrency.ts'
import { brandedIds } from './rules/branded-ids.ts'
import { canonicalLibrary } from './rules/canonical-library.ts'
import { deadlineOnOutboundCall } from './rules/deadline-on-outbound-call.ts'
import { docsExist } from './rules/docs-exist.ts'
import { domainDirection } from './rules/domain-direction.ts'
import { duplicateHelper } from './rules/duplicate-helper.ts'
import { durationWithUnit } from './rules/duration-with-unit.ts'
import { exemptionForm } from './rules/exemption-form.ts'
import { fileName } from './rules/file-name.ts'
import { layerDirection } from './rules/layer-direction.ts'
import { maxFunctionLines } from './rules/max-function-lines.ts'
import { maxLines } from './rules/max-lines.ts'
import { namedAfterExport } from './rules/named-after-export.ts'
import { noAwaitInLoop } from './rules/no-await-in-loop.ts'
import { noBarrel } from './rules/no-barrel.ts'
import { noCycles } from './rules/no-cycles.ts'
import { noPersonalData } from './rules/no-personal-data.ts'
import { noSecrets } from './rules/no-secrets.ts'
import { noSwallowedError } from './rules/no-swallowed-error.ts'
import { oneLanguage } from './rules/one-language.ts'
import { oneScriptWay } from './rules/one-script-way.ts'
import { packageLayout } from './rules/package-layout.ts'
import { packageTokenBudget } from './rules/package-token-budget.ts'
import { parseAtBoundary } from './rules/parse-at-boundary.ts'
import { protectedConfig } from './rules/protected-config.ts'
import { publicEntryOnly } from './rules/public-entry-only.ts'
import { readableFile } from './rules/readable-file.ts'
import { structuredLogging } from './rules/structured-logging.ts'
import { unusedDependency } from './rules/unused-dependency.ts'
import { unusedExport } from './rules/unused-export.ts'
import { unusedFile } from './rules/unused-file.ts'

/** Every rule, in the order in which a report shows them: what breaks others first. */
export const rules: readonly AnyRule[] = [
  noSecrets,
  protectedConfig,
  exemptionForm,
  readableFile,
  layerDirection,
  domainDirection,
  noCycles,
  publicEntryOnly,
  canonicalLibrary,
  parseAtBoundary,
  deadlineOnOutboundCall,
  boundedConcurrency,
  noAwaitInLoop,
  noSwallowedError,
  structuredLogging,
  brandedIds,
  durationWithUnit,
  duplicateHelper,
  maxLines,
  maxFunctionLines,
  packageTokenBudget,
  fileName,
  namedAfterExport,
  noBarrel,
  packageLayout,
  oneScriptWay,
  oneLanguage,
  unusedFile,
  unusedExport,
  unusedDependency,
  docsExist,
  noPersonalData,
]
