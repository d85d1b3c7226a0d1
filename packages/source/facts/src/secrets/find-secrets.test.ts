import { expect, test } from 'vitest'
import { createLineTable } from '../parse/line-table.ts'
import { findSecrets } from './find-secrets.ts'

/** Assembled, so that this file holds no secret. */
const keyOf = (rest: string): string => ['AK', 'IA', rest].join('')

test.each([
  ['chance made it', keyOf('Q3EGUWZJ4TNB7XYH'), ['aws-access-token']],
  ['it repeats itself: nobody issues such a one', keyOf('QQQQ2222QQQQ2222'), []],
])('a word of the form of a key: %s', (_, key, expected) => {
  const text = `const key = "${key}"\n`
  expect(findSecrets(text, createLineTable(text)).map(({ detail }) => detail)).toEqual(expected)
})
