import assert from 'node:assert/strict'
import { test } from 'node:test'
import { total } from './index.ts'

test('a cart costs the sum of its lines', () => {
  assert.equal(total([{ price: 250, quantity: 2 }, { price: 99, quantity: 1 }]), 599)
})
