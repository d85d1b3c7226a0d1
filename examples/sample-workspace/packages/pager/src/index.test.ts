import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pageCount } from './index.ts'

test('full pages are counted', () => {
  assert.equal(pageCount(20, 10), 2)
})
