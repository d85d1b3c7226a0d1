import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { configTemplate } from './config-template.ts'
import { configText } from './config-text.ts'
import { parseConfig } from './load-config.ts'

test('with nothing to propose it is the template', () => {
  expect(configText({ setup: null, gates: [] })).toBe(configTemplate)
})

test('what is active counts, what is not stands there as a comment', () => {
  const text = configText({
    setup: { command: ['npm', 'ci'], keys: ['package-lock.json'], remarks: ['From package-lock.json'], isActive: true },
    gates: [
      { name: 'lint', command: ['npm', 'run', 'lint'], remarks: ['failed: exit code 1', '| a: b'], isActive: false },
      { name: 'test', command: ['npm', 'test'], remarks: [], isActive: true },
    ],
  })
  expect(text.slice(text.indexOf('# From'), text.indexOf('# What proves'))).toBe(
    '# From package-lock.json\nsetup:\n  command: [npm, ci]\n  keys: [package-lock.json]\n\n',
  )
  expect(text.slice(text.indexOf('gates:\n'), text.indexOf('# Folders that gates keep'))).toBe(
    'gates:\n  # failed: exit code 1\n  # | a: b\n  # - name: lint\n  #   command: [npm, run, lint]\n  - name: test\n    command: [npm, test]\n\n',
  )
  expect(parseConfig(text).gates.map(({ name }) => name)).toEqual(['test'])
})

test('a set-up and gates that all failed leave the defaults', () => {
  const entry = { command: ['x'], remarks: ['failed: exit code 1'], isActive: false }
  const text = configText({ setup: { ...entry, keys: [] }, gates: [{ ...entry, name: 'test' }] })
  expect(parseConfig(text)).toEqual(parseConfig(configTemplate))
  expect(text).toContain('# failed: exit code 1\n# setup:\n#   command: [x]\n#   keys: []\nsetup: null\n')
  expect(text).toContain('# failed: exit code 1\n# - name: test\n#   command: [x]\ngates: []\n')
})

test('whatever the words and remarks are, the file reads back as what was proposed', () => {
  const word = fc.oneof(
    fc.string({ minLength: 1 }),
    fc.constantFrom('no', '1', '-', '--x', '*', '$&', 'a: b', '#', '~', '- x', '.', './...'),
  )
  const words = fc.array(word, { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(words, words, fc.array(fc.string()), (command, keys, remarks) => {
      const entry = { command, remarks, isActive: true }
      const config = parseConfig(configText({ setup: { ...entry, keys }, gates: [{ ...entry, name: 'test' }] }))
      expect([config.setup?.command, config.setup?.keys, config.gates[0]?.command]).toEqual([command, keys, command])
    }),
  )
})
