import { expect, test } from 'vitest'
import type { PatternCheck } from './constraint.ts'
import { mayMatch, neededWords } from './needed-words.ts'

const rule = (match: Record<string, unknown>): PatternCheck => ({ language: 'ts', match })

test('a pattern needs its names, but not what stands for something else', () => {
  expect(neededWords({ language: 'ts', pattern: 'throw new Error($MESSAGE, $$$REST)' })).toEqual([['throw', 'new', 'Error']])
  expect(neededWords({ language: 'ts', pattern: '$A + $B' })).toEqual([[]])
})

test('of several ways one is enough; where a way tells nothing, nothing is told', () => {
  expect(neededWords(rule({ any: [{ pattern: 'Date.now()' }, { pattern: 'new Date()' }] }))).toEqual([
    ['Date', 'now'],
    ['new', 'Date'],
  ])
  expect(neededWords(rule({ any: [{ pattern: 'Date.now()' }, { kind: 'string' }] }))).toBeNull()
  expect(neededWords(rule({ kind: 'string', regex: 'Date' }))).toBeNull()
  expect(neededWords(rule({ pattern: 'fetch($URL)', not: { regex: 'signal' } }))).toEqual([['fetch']])
})

test('a text without the words is passed over', () => {
  const needed = neededWords({ language: 'ts', pattern: 'Date.now()' })
  expect([mayMatch(needed, 'Date.now()'), mayMatch(needed, 'now()'), mayMatch(null, '')]).toEqual([true, false, true])
})
