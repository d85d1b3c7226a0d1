import { expect, it } from 'vitest'
import { extractFacts } from '../extract/extract-facts.ts'
import { extractApart } from './extract-apart.ts'

const content = Buffer.from(`export const a = 1\n${"export const key = 'AKIAQ3EGUWZJ4TNB7XYH'\n".repeat(20_000)}`)

it('reads on a thread of its own what it would read here', () => {
  for (const scan of ['full', 'code'] as const)
    expect(extractApart({ path: 'a.ts', content, scan })).toEqual(extractFacts('a.ts', content, { scan }))
})

it('gives up in time, and reads the next file all the same', () => {
  expect(extractApart({ path: 'a.ts', content, scan: 'full' }, 0)).toBe(null)
  expect(extractApart({ path: 'a.ts', content: Buffer.from('export const a = 1\n'), scan: 'full' })?.exports.length).toBe(1)
})
