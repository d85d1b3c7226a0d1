import { expect, test } from 'vitest'
import { plain, plainBlock } from './table.ts'

test('marks that turn the reading direction are shown, so that nothing looks like another name or another line of code', () => {
  expect(plain('\u001B[31mharness/\u202Elmay.x\n')).toBe('harness/<U+202E>lmay.x')
  expect(plainBlock('+ if (\u2066a\u2069)\n\tb\u0007')).toBe('+ if (<U+2066>a<U+2069>)\n\tb')
  expect(plainBlock('שלום')).toBe('שלום')
})
