import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLineTable } from '../parse/line-table.ts'
import { findSecrets } from './find-secrets.ts'
import { findTokenSpans } from './find-token-spans.ts'

const piece = fc.constantFrom('AKIA', 'ghp_', 'a1b2c3d4', 'X', '0', '/', ' ', '"', '\n', 'PRIVATE KEY', 'ey', '.', 'token=')
const hostile = fc
  .array(fc.tuple(piece, fc.integer({ min: 1, max: 3_000 })), { maxLength: 30 })
  .map((parts) => parts.map(([text, times]) => text.repeat(times)).join(''))

test('what is looked at grows as the text does, whatever is in it', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const looked = findTokenSpans(text).reduce((sum, { start, end }) => sum + end - start, 0)
      // A part takes in up to 168 characters around a token of sixteen; a mark or the block of a key is looked at once more.
      return looked <= 24 * text.length + 16_000 && findTokenSpans(text).every(({ start, end }) => end - start <= 8_400)
    }),
    { numRuns: 200 },
  )
})

const key = 'AKIAQ3EGUWZJ4TNB7XYH'
const blob = 'Zm9vYmFyYmF6cXV4'.repeat(2_000)

test.each([
  ['alone', `key = "${key}"`, ['aws-access-token']],
  ['before a picture', `key = "${key}"; png = "${blob}"`, ['aws-access-token']],
  ['after one, on its line', `png = "${blob}"; key = "${key}"`, ['aws-access-token']],
  ['after a placeholder', 'a = "AKIAIOSFODNN7EXAMPLE"; b = "AKIAQ3EGUWZJ4TNB7XYH"', ['aws-access-token']],
  ['inside of a picture', `png = "${blob}${key}${blob}"`, []],
])('an access key %s', (_, text, expected) => {
  expect(findSecrets(text, createLineTable(text)).map(({ detail }) => detail)).toEqual(expected)
})
