import fc from 'fast-check'
import { isCoxError } from '@coxswain/kernel'
import { HarnessConfig } from '@coxswain/model'
import { expect, test } from 'vitest'
import { configTemplate } from './config-template.ts'
import { parseConfig } from './load-config.ts'

const defaults = HarnessConfig.parse({})

test('the template holds every key at its default', () => {
  expect(parseConfig(configTemplate)).toEqual(defaults)
  for (const key of Object.keys(HarnessConfig.shape)) expect(configTemplate).toMatch(new RegExp(`^${key}:`, 'm'))
})

test('an empty file is the defaults', () => {
  expect(parseConfig('')).toEqual(defaults)
  expect(parseConfig('# nothing\n')).toEqual(defaults)
})

test('commands are lists or one line, never shell', () => {
  const config = parseConfig(
    'gates:\n  - name: test\n    command: npm run "my test"\n  - { name: lint, command: [npm, run, lint] }\n',
  )
  expect(config.gates.map((gate) => gate.command)).toEqual([
    ['npm', 'run', 'my test'],
    ['npm', 'run', 'lint'],
  ])
})

const mistakes: readonly [title: string, text: string, message: string][] = [
  [
    'unknown key',
    'version: 1\nconcurency: 3\n',
    'harness/harness.yaml:2:1 unknown key "concurency"; did you mean "concurrency"?',
  ],
  [
    'unknown nested key',
    'budget:\n  token: 3\n',
    'harness/harness.yaml:2:3 unknown key "token" in budget; did you mean "tokens"?',
  ],
  [
    'unknown key in a list',
    'gates:\n  - name: a\n    command: [x]\n    timout: 3m\n',
    'harness/harness.yaml:4:5 unknown key "timout" in gates.0; did you mean "timeout"?',
  ],
  [
    'duration without unit',
    'limits:\n  idle: 30\n',
    'harness/harness.yaml:2:3 limits.idle: write a duration such as 90s, 10m or 1h30m, not the number 30',
  ],
  ['bad duration', 'limits:\n  idle: 3 weeks\n', 'harness/harness.yaml:2:3 limits.idle: "3 weeks" is not a duration'],
  [
    'shell',
    'setup:\n  command: npm ci && npm test\n',
    'harness/harness.yaml:2:3 setup.command: Cannot run the command line "npm ci && npm test": "&" means something to a shell only',
  ],
  ['syntax', 'a: [1\nb: 2\n', 'harness/harness.yaml:2:1'],
  ['duplicate key', 'agent: codex\nagent: claude\n', 'harness/harness.yaml:2:1 Map keys must be unique'],
  ['not a map', '- a\n', 'harness/harness.yaml:1:1 the file: write keys with values, not a list'],
  [
    'a placeholder of a message that is none',
    "landing:\n  message: 'fix({scope}): {title}'\n",
    'harness/harness.yaml:2:3 landing.message: there is no {scope}: use {title}, {text}, {task} or {run}',
  ],
  [
    'a message without a subject',
    'landing:\n  message: "\\n{title}"\n',
    'harness/harness.yaml:2:3 landing.message: the first line is the subject of the commit: write something there',
  ],
  [
    'two gates of one name',
    'gates:\n  - { name: a, command: x }\n  - { name: a, command: y }\n',
    'harness/harness.yaml:1:1 gates: two gates have the same name',
  ],
]
test.each(mistakes)('%s', (_, text, message) => {
  expect(() => parseConfig(text)).toThrow(message)
})

test('every key with every kind of wrong value is told in our words, in the order of the lines', () => {
  const keys = Object.keys(HarnessConfig.shape).filter((key) => key !== 'branch')
  const wrong = ['[]', '[3]', '{ x: 1 }', '3.5', '-1', 'true', 'some words', "''"]
  const inside = (['budget', 'day', 'limits', 'landing'] as const).flatMap((key) =>
    Object.keys(defaults[key]).map((inner) => ({ key, inner })),
  )
  const texts = wrong.flatMap((value) => [
    ...keys.map((key) => `${key}: ${value}\n`),
    ...inside.map(({ key, inner }) => `${key}:\n  ${inner}: ${value}\n`),
    `gates:\n  - name: ${value}\n    command: ${value}\n    timeout: ${value}\n    base: ${value}\n`,
  ])
  const told = texts.flatMap((text) => {
    try {
      parseConfig(text)
      return []
    } catch (error) {
      return [String(error)]
    }
  })
  expect(told.length).toBeGreaterThan(100)
  expect(
    told.filter((message) => /Invalid (?:input|option|string|key)|received|Too (?:small|big)|Unrecognized/.test(message)),
  ).toEqual([])
  expect(() => parseConfig('gates:\n  - { name: 3 }\nlimits: { idle: 3 }\nx: 1\n')).toThrow(
    /:2:5 .*\n.*:2:7 .*\n.*:3:11 .*\n.*:4:1 unknown key "x"/,
  )
})

test('whatever the text, the answer is a config or a CONFIG_INVALID', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.string().map((text) => `gates: ${text}\nbudget:\n  ${text}`),
      ),
      (text) => {
        try {
          expect(parseConfig(text).version).toBe(1)
        } catch (error) {
          expect(isCoxError(error, 'CONFIG_INVALID'), String(error)).toBe(true)
        }
      },
    ),
    { numRuns: 500 },
  )
})
