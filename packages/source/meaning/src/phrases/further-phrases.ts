import { coreRule, firstIs, rows, typescriptRule } from './linter-rows.ts'
import type { Phrased } from './meaning.ts'
import { phrased, type Look } from './phrased.ts'

function comment(word: string): Look {
  return { kind: 'comment', regex: `^(?://+|/\\*+)[\\s*]*${word}\\b` }
}

const functionalPatterns =
  '(?:plain |pure )?(?:functions|functional(?: ?/ ?declarative| and declarative)?(?: programming)? patterns)'

/** Things that instructions forbid by the name of a form of code or of a comment. */
export const furtherPhrases: readonly Phrased[] = [
  phrased({
    id: 'no-ts-expect-error',
    token: '@ts-expect-error',
    about: 'typescript',
    look: comment('@ts-expect-error'),
    bad: '// @ts-expect-error\nexport const count: number = "1"\n',
    good: '// a number of pieces\nexport const count: number = 1\n',
    forbids: ['`@ts-expect-error`', '`@ts-expect-error` comments?', '`// @ts-expect-error`'],
  }),
  phrased({
    id: 'no-ts-nocheck',
    token: '@ts-nocheck',
    about: 'typescript',
    look: comment('@ts-nocheck'),
    bad: '// @ts-nocheck\nexport const count: number = "1"\n',
    good: '// a number of pieces\nexport const count: number = 1\n',
    forbids: ['`@ts-nocheck`', '`@ts-nocheck` comments?', '`// @ts-nocheck`'],
  }),
  phrased({
    id: 'no-eslint-disable',
    token: 'eslint-disable',
    look: { kind: 'comment', regex: '^(?://+|/\\*+)[\\s*]*eslint-disable(?:-next-line|-line)?\\b' },
    bad: '// eslint-disable-next-line no-eval\nexport const count = 1\n',
    good: '// a number of pieces\nexport const count = 1\n',
    forbids: ['`eslint-disable`', '`eslint-disable` comments?', 'eslint-disable comments?', '`// eslint-disable` comments?'],
    demands: ["(?:never|do not|don't) disable eslint (?:rules )?(?:with|by|in) comments"],
  }),
  phrased({
    id: 'no-todo-comment',
    token: 'TODO',
    look: { kind: 'comment', regex: '^(?://+|/\\*+)[\\s*]*(?:TODO|todo|Todo)\\b' },
    bad: '// TODO: count again\nexport const count = 1\n',
    good: '// counted once\nexport const count = 1\n',
    forbids: ['`todo` comments?', 'todo comments?', '`TODO` comments?'],
  }),
  phrased({
    id: 'no-for-each',
    token: 'forEach',
    look: { kind: 'call_expression', has: { field: 'function', kind: 'member_expression', regex: '\\.forEach$' } },
    bad: 'export const tell = (list, say) => list.forEach((one) => say(one))\n',
    good: 'export const tell = (list, say) => list.map((one) => say(one))\n',
    linters: [
      ...rows({ eslint: ['unicorn/no-array-for-each'], oxlint: ['unicorn/no-array-for-each'] }),
      ...rows({ biome: ['noForEach'] }),
    ],
    forbids: ['`forEach`', '`\\.forEach`', '`\\.?forEach\\(\\)`', '`\\.?forEach` loops?'],
  }),
  phrased({
    id: 'no-then',
    token: '.then',
    look: { kind: 'call_expression', has: { field: 'function', kind: 'member_expression', regex: '\\.then$' } },
    bad: 'export const name = (user) => user.then((one) => one.name)\n',
    good: 'export const name = async (user) => (await user).name\n',
    linters: rows({ eslint: ['promise/prefer-await-to-then'] }),
    forbids: ['`\\.then`', '`\\.then\\(\\)`', '`\\.then(?:\\(\\))?` chains?'],
  }),
  phrased({
    id: 'type-over-interface',
    token: 'interface',
    about: 'typescript',
    look: { kind: 'interface_declaration' },
    bad: 'export interface Order {\n  readonly id: string\n}\n',
    good: 'export type Order = {\n  readonly id: string\n}\n',
    linters: rows(typescriptRule('consistent-type-definitions'), firstIs(['type'])),
    forbids: ['`interface`', '`interface`s', '`interface` declarations?', 'interface declarations?'],
  }),
  phrased({
    id: 'no-function-declaration',
    token: 'function declaration',
    look: { any: [{ kind: 'function_declaration' }, { kind: 'generator_function_declaration' }] },
    bad: 'export function area(side) {\n  return side * side\n}\n',
    good: 'export const area = (side) => side * side\n',
    linters: rows(coreRule('func-style'), firstIs(['expression'])),
    forbids: ['function declarations?', '`function` declarations?'],
  }),
  phrased({
    id: 'no-class',
    token: 'class',
    // "classes" alone may be those of a style sheet: what stands in their place tells.
    look: { kind: 'class_body' },
    bad: 'export class Counter {\n  count = 0\n}\n',
    good: 'export const counter = () => ({ count: 0 })\n',
    forbids: ['`class` declarations?', 'es6 classes', '(?:javascript|typescript) classes'],
    demands: [
      `(?:never use|do not use|don't use|avoid(?: using)?|no) classes(?:;|,|:| -| –| —) (?:use|prefer) ${functionalPatterns}(?: instead)?`,
      `use ${functionalPatterns} (?:instead of|rather than) classes`,
    ],
  }),
  phrased({
    id: 'no-use-client',
    token: 'use client',
    look: { kind: 'expression_statement', has: { kind: 'string', regex: '^.use client.$' } },
    bad: "'use client'\nexport const count = 1\n",
    good: 'export const count = 1\n',
    forbids: ['`use client`', '[\'"]use client[\'"]'].map((name) => `(?:the )?${name}(?: directives?)?`),
  }),
  phrased({
    id: 'no-double-equals',
    token: '==',
    look: { kind: 'binary_expression', has: { field: 'operator', regex: '^==$' } },
    bad: 'export const isOne = (count) => count == 1\n',
    good: 'export const isOne = (count) => count === 1\n',
    linters: [
      ...rows(coreRule('eqeqeq'), firstIs([undefined, 'always'])),
      ...rows({ biome: ['noDoubleEquals'] }, (options) => options.length === 1 && isStrict(options[0])),
    ],
    forbids: ['`==`'],
  }),
  phrased({
    id: 'template-literals',
    token: 'template literal',
    look: null,
    bad: "export const greet = (name) => 'hello ' + name\n",
    // A template in a template would end it.
    good: ['export const greet = (name) => `hello $', '{name}`\n'].join(''),
    linters: [...rows({ eslint: ['prefer-template'] }), ...rows({ biome: ['useTemplate'] })],
    demands: ['use template (?:literals|strings) (?:instead of|rather than|over|not) string concatenation'],
  }),
]

/** Biome leaves comparisons with null alone where it is not told otherwise. */
function isStrict(option: unknown): boolean {
  return typeof option === 'object' && option !== null && 'ignoreNull' in option && option.ignoreNull === false
}
