import { expect, test } from 'vitest'
import { plain, plainBlock, table } from './table.ts'

test('marks that turn the reading direction are shown, so that nothing looks like another name or another line of code', () => {
  expect(plain('\u001B[31mharness/\u202Elmay.x\n')).toBe('harness/<U+202E>lmay.x')
  expect(plainBlock('+ if (\u2066a\u2069)\n\tb\u0007')).toBe('+ if (<U+2066>a<U+2069>)\n\tb')
  expect(plainBlock('שלום')).toBe('שלום')
})

test('SUR-7 what a task or an agent wrote drives no terminal: no escape sequence, no control character, no turn of the reading direction', () => {
  const hostile = 'a\u001B[2Jb\u001B]0;title\u0007c\bd\re\u0000f\u009B31mg\u007Fh\u202Ei'
  // eslint-disable-next-line no-control-regex -- these are what must not be left
  const driving = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/
  for (const shown of [plain(hostile), plainBlock(hostile), table(['head'], [[hostile]])]) {
    expect(shown).not.toMatch(driving)
    expect(shown.replaceAll(/[^a-i]/g, '')).toContain('abc')
    expect(shown).toContain('<U+202E>')
  }
  expect(plain('one\ntwo\tthree')).toBe('one two three')
  expect(plainBlock('one\n  two')).toBe('one\n  two')
})
