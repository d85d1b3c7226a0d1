import { coreRule, firstIs, onlyWith, rows, typescriptRule } from './linter-rows.ts'
import type { LinterRow, Phrased } from './meaning.ts'
import { phrased, type Look } from './phrased.ts'

const loops = ['for_statement', 'for_in_statement', 'while_statement', 'do_statement']
const builtins =
  'assert|async_hooks|buffer|child_process|cluster|console|constants|crypto|dgram|diagnostics_channel|dns|domain|events|fs|http|http2|https|inspector|module|net|os|path|perf_hooks|process|punycode|querystring|readline|repl|stream|string_decoder|timers|tls|tty|url|util|v8|vm|wasi|worker_threads|zlib'

function unbraced(kind: string, field: string): Look {
  return { kind, has: { field, not: { any: ['statement_block', 'empty_statement'].map((one) => ({ kind: one })) } } }
}

/** What sentences demand of code. A sentence that no row reads whole is left to people. */
export const phrases: readonly Phrased[] = [
  phrased({
    id: 'no-explicit-any',
    token: 'any',
    about: 'typescript',
    look: { kind: 'predefined_type', regex: '^any$' },
    bad: 'export const first = (list: any) => list\n',
    good: 'export const first = (list: unknown) => list\n',
    linters: [
      ...rows(typescriptRule('no-explicit-any'), onlyWith({ fixToUnknown: [true, false], ignoreRestArgs: [false] })),
      ...rows({ biome: ['noExplicitAny'] }),
    ],
    forbids: ['`any`', '`any` types?', '`: any`', 'any types?', 'types? `any`', 'explicit `any`', 'explicit any(?: types?)?'],
  }),
  phrased({
    id: 'no-as-any',
    token: 'as any',
    about: 'typescript',
    look: { kind: 'as_expression', has: { kind: 'predefined_type', regex: '^any$' } },
    bad: 'export const read = (text: string) => JSON.parse(text) as any\n',
    good: 'export const read = (text: string): unknown => JSON.parse(text)\n',
    linters: [
      ...rows(typescriptRule('no-explicit-any'), onlyWith({ fixToUnknown: [true, false], ignoreRestArgs: [true, false] })),
      ...rows({ biome: ['noExplicitAny'] }),
    ],
    forbids: ['`as any`', '`as any` casts?', 'casts? to `any`'],
    demands: ["(?:never|do not|don't) cast (?:values? )?to `any`"],
  }),
  phrased({
    id: 'no-non-null-assertion',
    token: '!',
    about: 'typescript',
    look: { kind: 'non_null_expression' },
    bad: 'export const length = (text?: string) => text!.length\n',
    good: 'export const length = (text?: string) => text?.length ?? 0\n',
    linters: [...rows(typescriptRule('no-non-null-assertion')), ...rows({ biome: ['noNonNullAssertion'] })],
    forbids: [
      'non-?null assertions?',
      '(?:`!` )?non-?null assertion operators?',
      'non-?null assertions? (?:operators? )?\\(?`!`\\)?',
      '`!` (?:assertions?|non-?null assertions?)',
      '`!` non-?null assertions?',
    ],
  }),
  phrased({
    id: 'no-console-log',
    token: 'console.log',
    look: { pattern: 'console.log' },
    bad: "console.log('sent')\n",
    good: "console.error('not sent')\n",
    linters: [
      ...rows(coreRule('no-console'), allowsNo(['log'])),
      ...rows({ biome: ['noConsole'] }, allowsNo(['log'])),
      ...rows({ biome: ['noConsoleLog'] }),
    ],
    forbids: ['`console\\.log`', '`console\\.log\\(\\)`', '`console\\.log` (?:calls?|statements?)'],
  }),
  phrased({
    id: 'no-console',
    token: 'console',
    look: { kind: 'member_expression', has: { field: 'object', kind: 'identifier', regex: '^console$' } },
    bad: "console.warn('late')\n",
    good: "process.stdout.write('late')\n",
    linters: [...rows(coreRule('no-console')), ...rows({ biome: ['noConsole'] })],
    forbids: [
      '`console`',
      '`console\\.\\*`',
      '`console\\.\\*` (?:calls?|statements?|methods?)',
      '`console` (?:calls?|statements?)',
    ],
  }),
  phrased({
    id: 'no-default-export',
    token: 'export default',
    look: {
      any: [
        { kind: 'export_statement', regex: '^(?:@[\\s\\S]*?\\s)?export\\s+default\\b' },
        { kind: 'export_specifier', has: { field: 'alias', regex: '^default$' } },
        { kind: 'export_specifier', has: { field: 'name', regex: '^default$' }, not: { has: { field: 'alias', regex: '.' } } },
      ],
    },
    bad: 'export default function area(side) {\n  return side * side\n}\n',
    good: 'export function area(side) {\n  return side * side\n}\n',
    linters: [
      ...rows({
        eslint: ['import/no-default-export', 'import-x/no-default-export'],
        oxlint: ['import/no-default-export'],
        biome: ['noDefaultExport'],
      }),
    ],
    forbids: ['default exports?', '`export default`', '`default` exports?', '`export default` statements?'],
    demands: ['use only named exports', 'only use named exports', 'named exports only', 'use named exports only'],
  }),
  phrased({
    id: 'no-var',
    token: 'var',
    look: { kind: 'variable_declaration' },
    bad: 'export function count() {\n  var total = 0\n  return total\n}\n',
    good: 'export function count() {\n  const total = 0\n  return total\n}\n',
    linters: [...rows(coreRule('no-var')), ...rows({ biome: ['noVar'] })],
    forbids: ['`var`', '`var` declarations?', 'var declarations?'],
  }),
  phrased({
    id: 'prefer-const',
    token: 'let',
    look: null,
    bad: 'export function count() {\n  let total = 0\n  return total\n}\n',
    good: 'export function count() {\n  const total = 0\n  return total\n}\n',
    linters: [
      ...rows(coreRule('prefer-const'), onlyWith({ destructuring: ['any'], ignoreReadBeforeAssign: [false] })),
      ...rows({ biome: ['useConst'] }),
    ],
    demands: [
      'use `const` for (?:all )?(?:variables|bindings) that are (?:assigned (?:only )?once|never reassigned|not reassigned)',
      'use `const` for (?:all )?(?:variables|bindings) that (?:never change|do not change)',
      "use `const` for (?:all )?(?:variables|bindings|values) that (?:aren't|won't be|are never|will not be) reassigned(?:, `let` otherwise)?",
    ],
  }),
  phrased({
    id: 'strict-equality',
    token: '==',
    look: { any: [{ pattern: '$LEFT == $RIGHT' }, { pattern: '$LEFT != $RIGHT' }] },
    bad: 'export const isOne = (count) => count == 1\n',
    good: 'export const isOne = (count) => count === 1\n',
    linters: [
      ...rows(coreRule('eqeqeq'), firstIs([undefined, 'always'])),
      ...rows({ biome: ['noDoubleEquals'] }, (options) => onlyWith({ ignoreNull: [false] })(options) && options.length === 1),
    ],
    forbids: ['loose equality', '`==` (?:or|and) `!=`', 'loose equality \\(`==`\\)'],
    demands: ['use strict equality', 'use `===` (?:and|or) `!==`', 'use strict equality \\(`===`\\)'],
  }),
  phrased({
    id: 'type-imports',
    token: 'import type',
    about: 'typescript',
    look: null,
    bad: "import { Order } from './order.ts'\nexport const none: Order[] = []\n",
    good: "import type { Order } from './order.ts'\nexport const none: Order[] = []\n",
    linters: [
      ...rows(
        typescriptRule('consistent-type-imports'),
        onlyWith({ prefer: ['type-imports'], disallowTypeAnnotations: [true, false], fixStyle: ['separate-type-imports'] }),
      ),
      ...rows({ biome: ['useImportType'] }, onlyWith({ style: ['auto', 'separatedType'] })),
    ],
    demands: [
      'use `import type` for (?:type-only imports|types|imports of types|type imports)',
      'use `import type` (?:when|where) importing (?:only types|types only)',
    ],
  }),
  phrased({
    id: 'no-require',
    token: 'require',
    look: { kind: 'call_expression', has: { field: 'function', kind: 'identifier', regex: '^require$' } },
    bad: "export const url = require('node:url')\n",
    good: "import * as url from 'node:url'\nexport { url }\n",
    linters: rows(typescriptRule('no-require-imports'), onlyWith({ allowAsImport: [true, false], allow: [] })),
    forbids: ['`require`', '`require\\(\\)`', '`require\\(\\)` (?:calls?|imports?)', '`require\\(\\)` for imports?'],
  }),
  phrased({
    id: 'node-protocol',
    token: 'node:',
    look: {
      kind: 'string',
      regex: `^.(?:${builtins})(?:/[a-z_/]+)?.$`,
      inside: { any: ['import_statement', 'export_statement'].map((kind) => ({ kind })), field: 'source' },
    },
    bad: "import { join } from 'path'\nexport { join }\n",
    good: "import { join } from 'node:path'\nexport { join }\n",
    linters: [
      ...rows({ eslint: ['unicorn/prefer-node-protocol', 'n/prefer-node-protocol'], oxlint: ['unicorn/prefer-node-protocol'] }),
      ...rows({ biome: ['useNodejsImportProtocol'] }),
    ],
    demands: [
      'use (?:the )?`node:` (?:prefix|protocol) (?:for|when importing) (?:all )?(?:node(?:\\.js)? )?(?:built-?ins|built-?in modules|core modules)(?: \\((?:e\\.g\\.,? )?`node:[a-z_/]+`\\))?',
      'import (?:node(?:\\.js)? )?(?:built-?ins|built-?in modules|core modules) with the `node:` (?:prefix|protocol)',
    ],
  }),
  phrased({
    id: 'braces',
    token: 'braces',
    look: {
      any: [
        unbraced('if_statement', 'consequence'),
        {
          kind: 'else_clause',
          not: { has: { any: ['statement_block', 'if_statement'].map((kind) => ({ kind })) } },
        },
        ...loops.map((kind) => unbraced(kind, 'body')),
      ],
    },
    bad: 'export function sign(count) {\n  if (count < 0) return -1\n  return 1\n}\n',
    good: 'export function sign(count) {\n  if (count < 0) {\n    return -1\n  }\n  return 1\n}\n',
    linters: [...rows(coreRule('curly'), firstIs([undefined, 'all'])), ...rows({ biome: ['useBlockStatements'] })],
    forbids: ['(?:brace-?less|unbraced) (?:control statements|conditionals|`?if`?(?: statements)?)'],
    demands: [
      '(?:use|write|put) (?:curly )?braces (?:for|around|with) (?:all )?control (?:statements|structures|flow statements)',
    ],
  }),
  phrased({
    id: 'no-braces',
    token: 'braces',
    look: null,
    bad: 'export function sign(count) {\n  if (count < 0) {\n    return -1\n  }\n  return 1\n}\n',
    good: 'export function sign(count) {\n  if (count < 0) return -1\n  return 1\n}\n',
    linters: rows(coreRule('curly'), firstIs(['multi'])),
    forbids: ['(?:unnecessary|needless|superfluous|redundant) (?:curly )?braces', 'curly braces around single statements'],
    demands: ['omit (?:unnecessary|needless|superfluous|redundant) (?:curly )?braces'],
  }),
]

/** An allow list takes names out. */
function allowsNo(names: readonly string[]): LinterRow['isWhole'] {
  return (options) =>
    options.length <= 1 &&
    options.every((option) => {
      if (typeof option !== 'object' || option === null) return false
      const entries = Object.entries(option)
      return entries.every(
        ([key, value]) => key === 'allow' && Array.isArray(value) && !names.some((name) => value.includes(name)),
      )
    })
}
