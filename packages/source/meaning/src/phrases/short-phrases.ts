import { coreRule, rows } from './linter-rows.ts'
import type { Phrased } from './meaning.ts'
import { phrased } from './phrased.ts'

const functions = [
  'function_declaration',
  'function_expression',
  'arrow_function',
  'method_definition',
  'generator_function',
  'generator_function_declaration',
]
const loops = ['for_statement', 'for_in_statement', 'while_statement', 'do_statement']
const stops = { any: functions.map((kind) => ({ kind })) }
const suites = '(?:describe|it|test|suite|context|bench)'

/** Things that one word of code names. */
export const shortPhrases: readonly Phrased[] = [
  phrased({
    id: 'no-await-in-loop',
    token: 'await',
    look: {
      kind: 'await_expression',
      inside: { stopBy: stops, field: 'body', any: loops.map((kind) => ({ kind })) },
    },
    bad: 'export async function sendAll(list, send) {\n  for (const one of list) {\n    await send(one)\n  }\n}\n',
    good: 'export async function sendAll(list, send) {\n  await Promise.all(list.map((one) => send(one)))\n}\n',
    linters: rows(coreRule('no-await-in-loop')),
    forbids: ['`await` (?:in|inside)(?: of)? (?:a )?loops?'],
  }),
  phrased({
    id: 'no-export-star',
    token: 'export *',
    look: { kind: 'export_statement', regex: '^export\\s*\\*' },
    bad: "export * from './order.ts'\n",
    good: "export { order } from './order.ts'\n",
    linters: [],
    forbids: ['`export \\*`', '`export \\* from`', 'wildcard (?:re-?)?exports?', 'star (?:re-?)?exports?'],
  }),
  phrased({
    id: 'no-enum',
    token: 'enum',
    about: 'typescript',
    look: { kind: 'enum_declaration' },
    bad: 'export enum Colour {\n  Red,\n}\n',
    good: "export type Colour = 'red'\n",
    linters: rows({ biome: ['noEnum'] }),
    forbids: ['`enum`', '`enum`s', 'enums?', 'typescript enums?', '`enum` (?:declarations?|types?)'],
  }),
  phrased({
    id: 'no-namespace',
    token: 'namespace',
    about: 'typescript',
    look: { any: [{ kind: 'internal_module' }, { kind: 'module', has: { field: 'name', kind: 'identifier' } }] },
    bad: 'export namespace Shapes {\n  export const sides = 4\n}\n',
    good: 'export const sides = 4\n',
    linters: [],
    forbids: ['`namespace`', '`namespace`s', 'typescript namespaces?', '`namespace` declarations?'],
  }),
  phrased({
    id: 'no-ts-ignore',
    token: '@ts-ignore',
    about: 'typescript',
    look: { kind: 'comment', regex: '^(?://+|/\\*+)[\\s*]*@ts-ignore' },
    bad: '// @ts-ignore\nexport const count: number = "1"\n',
    good: '// a number of pieces\nexport const count: number = 1\n',
    linters: [],
    forbids: ['`@ts-ignore`', '`@ts-ignore` comments?', '`// @ts-ignore`', '`ts-ignore`'],
  }),
  phrased({
    id: 'no-eval',
    token: 'eval',
    look: { kind: 'call_expression', has: { field: 'function', kind: 'identifier', regex: '^eval$' } },
    bad: "export const run = () => eval('1 + 1')\n",
    good: 'export const run = () => 1 + 1\n',
    linters: [],
    forbids: ['`eval`', '`eval\\(\\)`'],
  }),
  phrased({
    id: 'no-debugger',
    token: 'debugger',
    look: { kind: 'debugger_statement' },
    bad: 'debugger\n',
    good: 'export const isDebugged = false\n',
    linters: [...rows(coreRule('no-debugger')), ...rows({ biome: ['noDebugger'] })],
    forbids: ['`debugger`', '`debugger` statements?'],
  }),
  phrased({
    id: 'no-nested-ternary',
    token: 'ternary',
    look: {
      kind: 'ternary_expression',
      any: ['condition', 'consequence', 'alternative'].map((field) => ({
        has: {
          field,
          any: [{ kind: 'ternary_expression' }, { kind: 'parenthesized_expression', has: { kind: 'ternary_expression' } }],
        },
      })),
    },
    bad: "export const size = (count) => (count < 1 ? 'none' : count < 9 ? 'few' : 'many')\n",
    good: "export const size = (count) => (count < 1 ? 'none' : 'some')\n",
    linters: [],
    forbids: ['nested ternar(?:y|ies)', 'nested ternary (?:operators?|expressions?)', 'nested conditional expressions'],
  }),
  phrased({
    id: 'no-focused-test',
    token: '.only',
    look: {
      kind: 'member_expression',
      regex: `^${suites}\\b[\\w.]*\\.only$`,
    },
    bad: "test.only('adds', () => {})\n",
    good: "test('adds', () => {})\n",
    linters: [],
    forbids: ['`\\.only`', '`\\.only\\(\\)`', 'focused tests?', '`(?:it|test|describe)\\.only`'],
  }),
]
