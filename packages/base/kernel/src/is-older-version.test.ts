import { expect, it } from 'vitest'
import { isOlderVersion } from './is-older-version.ts'

it.each([
  ['1.2.3', false],
  ['1.2.2', true],
  ['1.2.10', false],
  ['1.10.0', false],
  ['0.99.99', true],
  ['2', false],
  ['1.2', true],
  ['1.2.3-beta.1', false],
  ['1.two.3', true],
])('%s against 1.2.3', (version, expected) => {
  expect(isOlderVersion(version, [1, 2, 3])).toBe(expected)
})
