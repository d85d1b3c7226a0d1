import { array, assert, integer, json, property, record, string } from 'fast-check'
import { expect, test } from 'vitest'
import { cleanJson, cleanText, longestText } from './clean-text.ts'

test('ordinary and hostile text stays as it is', () => {
  for (const text of [
    `'; drop table runs; --`,
    '\u001b[31mred\u001b[0m',
    '$(rm -rf /) `id`',
    '{{template}}',
    '\u{1F6A3} ü ﷽',
    '\r\n\t\\',
  ]) {
    expect(cleanText(text)).toBe(text)
  }
})

test('what Postgres cannot keep is made visible', () => {
  expect(cleanText('a\0b')).toBe('a␀b')
  expect(cleanText('half \ud83d')).toBe('half \ufffd')
})

test('a text over the limit ends with a mark that says what is missing', () => {
  const cleaned = cleanText('x'.repeat(5_000_000))
  expect(cleaned.slice(0, longestText)).toBe('x'.repeat(longestText))
  expect(cleaned.slice(longestText)).toBe('… [4000000 characters cut]')
})

test('texts and keys anywhere in a value are cleaned', () => {
  expect(cleanJson({ 'a\0': ['\0', { b: '\ud800' }], n: 1, no: undefined, nothing: null })).toBe(
    '{"a␀":["␀",{"b":"\ufffd"}],"n":1,"nothing":null}',
  )
})

test('any JSON value without forbidden text is unchanged', () => {
  const permitted = string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'))
  assert(
    property(json({ stringUnit: 'grapheme' }), record({ permitted }), (text, value) => {
      const plain: unknown = { value, parsed: JSON.parse(text.replaceAll('\\u0000', '')) }
      expect(cleanJson(plain)).toBe(JSON.stringify(plain))
    }),
  )
})

test('no text that Postgres refuses is left, wherever it stood', () => {
  const refused = /\\u0000|\\ud[89a-f]/i
  const anyText = array(integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units))
  assert(property(anyText, (text) => !refused.test(cleanJson({ [text]: [text, `\0${text}\ud800`] }))))
})
