/** A way to enforce a kind of sentence by machine. */
export interface Mechanism {
  readonly pattern: RegExp
  /** A built-in check that could take the sentence over, or null. */
  readonly check: string | null
  /** Linter rules that enforce the same, by the last part of their names. */
  readonly linterRules: readonly string[]
  /** A formatter enforces it. */
  readonly byFormatter?: boolean
  /** What the check cannot see of such sentences. */
  readonly limit?: string
}

const mechanisms: readonly Mechanism[] = [
  {
    pattern: /(?:\bno\b|never|avoid|don't|do not|instead of)[^.]{0,40}(?:`any`|\bas any\b|\bany type)/i,
    check: 'parse-at-boundary',
    linterRules: ['no-explicit-any', 'noExplicitAny'],
  },
  {
    pattern: /non-?null assertion|`!` (?:operator|assertion)/i,
    check: null,
    linterRules: ['no-non-null-assertion', 'noNonNullAssertion'],
  },
  {
    pattern: /(?:no|never|avoid|don't|do not|instead of)[^.]{0,40}`?console\.(?:log|\*|error|warn)/i,
    check: 'structured-logging',
    linterRules: ['no-console', 'noConsole', 'noConsoleLog'],
  },
  {
    pattern:
      /(?:file|module)s?\b[^.]{0,40}\b(?:under|below|at most|exceed|max(?:imum)?(?: of)?|fewer than|less than)\b[^.]{0,10}\d{2,4} (?:lines|loc)\b/i,
    check: 'max-lines',
    linterRules: ['max-lines'],
  },
  {
    pattern:
      /functions?\b[^.]{0,40}\b(?:under|below|at most|exceed|max(?:imum)?(?: of)?|fewer than|less than)\b[^.]{0,10}\d{1,3} lines\b/i,
    check: 'max-function-lines',
    linterRules: ['max-lines-per-function'],
  },
  {
    pattern: /circular (?:import|dependenc)|import cycles?/i,
    check: 'no-cycles',
    linterRules: ['no-cycle', 'no-circular', 'noImportCycles'],
  },
  {
    pattern: /(?:no|avoid|never|don't|do not|over|instead of)[^.]{0,25}default exports?|named exports? (?:only|over)/i,
    check: null,
    linterRules: ['no-default-export', 'noDefaultExport'],
  },
  { pattern: /await[^.]{0,15}\b(?:in|inside)\b[^.]{0,10}loops?/i, check: 'no-await-in-loop', linterRules: ['no-await-in-loop'] },
  {
    pattern: /(?:no|avoid|never|don't|do not)[^.]{0,40}barrel (?:file|export)/i,
    check: 'no-barrel',
    linterRules: ['no-barrel-files', 'noBarrelFile'],
  },
  {
    pattern:
      /(?:kebab-case|camelCase|snake_case|PascalCase)[^.]{0,30}file ?names?|file ?names?[^.]{0,30}(?:kebab-case|camelCase|snake_case|PascalCase)/i,
    check: 'file-name',
    linterRules: ['filename-case', 'useFilenamingConvention'],
  },
  {
    pattern:
      /(?:no|never|avoid|don't|do not)[^.]{0,40}(?:swallow|ignor|silently|empty catch)[^.]{0,20}(?:error|exception|catch)/i,
    check: 'no-swallowed-error',
    linterRules: ['no-empty'],
    limit: 'sees empty handlers, not wrong ones',
  },
  {
    pattern:
      /(?:never|don't|do not|no)\b[^.]{0,40}(?:commit|hard-?code|expose|check in)[^.]{0,40}(?:secret|credential|api key|token|password|\.env)/i,
    check: 'no-secrets',
    linterRules: ['no-secrets', 'no-hardcoded-secrets'],
  },
  {
    pattern:
      /(?:no|never|avoid|don't|do not)[^.]{0,40}(?:deep imports?|import(?:ing)?\b[^.]{0,30}(?:internals?|\/src\/|private)\b)/i,
    check: 'public-entry-only',
    linterRules: ['no-internal-modules', 'enforce-module-boundaries'],
  },
  {
    pattern: /(?:`?fetch`?|http|network|outbound)[^.]{0,40}(?:timeout|deadline|AbortSignal)/i,
    check: 'deadline-on-outbound-call',
    linterRules: [],
  },
  {
    pattern: /(?:no|never|avoid|don't|do not|unbounded)[^.]{0,30}`?Promise\.all/i,
    check: 'bounded-concurrency',
    linterRules: [],
  },
  {
    pattern: /(?:no|never|avoid|don't|do not)[^.]{0,40}(?:`?\.only|`?\.skip|skipped tests?|focused tests?)/i,
    check: null,
    linterRules: ['no-focused-tests', 'no-disabled-tests', 'no-exclusive-tests', 'noFocusedTests', 'noSkippedTests'],
  },
  {
    pattern: /floating promises?|(?:always )?await (?:all |every )?promises|unhandled promises?/i,
    check: null,
    linterRules: ['no-floating-promises', 'noFloatingPromises'],
  },
  {
    pattern: /unused (?:variables?|imports?|parameters?)/i,
    check: null,
    linterRules: ['no-unused-vars', 'no-unused-imports', 'noUnusedVariables', 'noUnusedImports'],
  },
  { pattern: /unused (?:exports?|files?|code)|dead code/i, check: 'unused-export', linterRules: [] },
  { pattern: /(?:single|double) quotes/i, check: null, linterRules: ['quotes'], byFormatter: true },
  { pattern: /semicolons?\b/i, check: null, linterRules: ['semi'], byFormatter: true },
  { pattern: /trailing commas?/i, check: null, linterRules: ['comma-dangle'], byFormatter: true },
  {
    pattern: /indent(?:ation)?\b[^.]{0,20}(?:spaces?|tabs?|\d)|(?:tabs?|spaces?) (?:for|of) indent/i,
    check: null,
    linterRules: ['indent'],
    byFormatter: true,
  },
  {
    pattern: /(?:print|line) (?:width|length)|\b\d{2,3}[- ]character lines?/i,
    check: null,
    linterRules: ['max-len'],
    byFormatter: true,
  },
  { pattern: /`var`|(?:prefer|use) `?const`?\b/i, check: null, linterRules: ['no-var', 'prefer-const', 'noVar', 'useConst'] },
  { pattern: /`===`|strict equality/i, check: null, linterRules: ['eqeqeq', 'noDoubleEquals'] },
  { pattern: /(?:`?import type`?|type-only imports?)/i, check: null, linterRules: ['consistent-type-imports', 'useImportType'] },
  {
    pattern: /(?:import|dependenc)[^.]{0,40}(?:order|sorted|group)/i,
    check: null,
    linterRules: ['import/order', 'sort-imports', 'simple-import-sort/imports', 'organizeImports'],
  },
  {
    pattern: /(?:no|never|avoid|don't|do not|instead of)[^.]{0,20}`?require\(/i,
    check: null,
    linterRules: ['no-require-imports', 'no-var-requires', 'no-commonjs', 'noCommonJs'],
  },
  {
    pattern: /`?node:`?[^.]{0,12}(?:prefix|protocol|imports?)/i,
    check: null,
    linterRules: ['prefer-node-protocol', 'useNodejsImportProtocol'],
  },
  { pattern: /curly braces|\bbraces (?:for|around)/i, check: null, linterRules: ['curly', 'useBlockStatements'] },
  {
    pattern: /(?:no|never|avoid|don't|do not|instead of)[^.]{0,30}`?(?:lodash|moment|axios|node-fetch|underscore|jquery)`?\b/i,
    check: 'canonical-library',
    linterRules: ['no-restricted-imports', 'noRestrictedImports'],
  },
  {
    pattern:
      /`?JSON\.parse`?[^.]{0,40}(?:direct|schema|zod|validat|safe)|(?:instead of|never|don't|do not|avoid)[^.]{0,20}`?JSON\.parse/i,
    check: 'parse-at-boundary',
    linterRules: ['no-restricted-properties', 'no-restricted-syntax'],
  },
  {
    pattern:
      /`?process\.env`?[^.]{0,50}(?:direct|only|config|central|instead)|(?:never|don't|do not|avoid)[^.]{0,25}`?process\.env/i,
    check: 'parse-at-boundary',
    linterRules: ['no-process-env', 'noProcessEnv'],
  },
]

/** Every mechanism that a sentence mentions: one sentence often asks for several things. */
export function mechanismsOf(text: string): Mechanism[] {
  const asked = text.replace(purpose, '')
  return mechanisms.filter((mechanism) => mechanism.pattern.test(asked))
}

/** What a sentence is good for is not what it asks: a check of the one says nothing about the other. */
const purpose =
  /(?<!\b(?:sure|careful|remember|try|want|need|have|prefer|important) )\b(?:in order )?to (?:avoid|prevent)\b[^.;:]*/gi
