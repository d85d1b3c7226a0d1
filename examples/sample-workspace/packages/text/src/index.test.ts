import assert from 'node:assert/strict'
import { test } from 'node:test'
import { capitalize } from './index.ts'

test('the first letter is capitalized', () => {
  assert.equal(capitalize('oar'), 'Oar')
})
