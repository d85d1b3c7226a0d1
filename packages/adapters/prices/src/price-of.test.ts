import { noUsage } from '@coxswain/agents'
import { expect, test } from 'vitest'
import { loadPriceOf } from './price-of.ts'

const million = 1_000_000

test('a known model has a price, in which cached input is cheaper than fresh', async () => {
  const priceOf = await loadPriceOf()
  const fresh = priceOf('gpt-5', { ...noUsage, input: million })
  const cached = priceOf('gpt-5', { ...noUsage, cachedInput: million })
  const answer = priceOf('gpt-5', { ...noUsage, output: million })
  expect([fresh, cached, answer]).toEqual([1.25, 0.125, 10])
})

test('an unknown model has no price, rather than a wrong one', async () => {
  expect((await loadPriceOf())('a-model-that-nobody-sells', { ...noUsage, input: million })).toBeNull()
})

test('nothing used costs nothing', async () => {
  expect((await loadPriceOf())('gpt-5', noUsage)).toBe(0)
})

test('a price of the team goes before the table', async () => {
  const priceOf = await loadPriceOf({ 'gpt-5': { input: 1, cachedInput: 2, cacheWrite: 3, output: 4 } })
  expect(priceOf('gpt-5', { input: million, cachedInput: million, cacheWrite: million, output: million, reasoning: 5 })).toBe(10)
})
