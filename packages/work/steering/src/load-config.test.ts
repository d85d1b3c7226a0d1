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
    'harness/harness.yaml:2:3 limits.idle: Invalid input: expected string, received number',
  ],
  ['bad duration', 'limits:\n  idle: 3 weeks\n', 'harness/harness.yaml:2:3 limits.idle: "3 weeks" is not a duration'],
  [
    'shell',
    'setup:\n  command: npm ci && npm test\n',
    'harness/harness.yaml:2:3 setup.command: Cannot run the command line "npm ci && npm test": "&" means something to a shell only',
  ],
  ['syntax', 'a: [1\nb: 2\n', 'harness/harness.yaml:2:1'],
  ['duplicate key', 'agent: codex\nagent: claude\n', 'harness/harness.yaml:2:1 Map keys must be unique'],
  ['not a map', '- a\n', 'harness/harness.yaml:1:1 the file: Invalid input: expected object, received array'],
  [
    'two gates of one name',
    'gates:\n  - { name: a, command: x }\n  - { name: a, command: y }\n',
    'harness/harness.yaml:1:1 gates: two gates have the same name',
  ],
]
test.each(mistakes)('%s', (_, text, message) => {
  expect(() => parseConfig(text)).toThrow(message)
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
