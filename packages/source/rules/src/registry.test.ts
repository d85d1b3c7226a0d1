import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { rules } from './registry.ts'

const documents = fileURLToPath(new URL('../../../../docs/rules/', import.meta.url))

it('has a document for each rule and a rule for each document', () => {
  const ids = rules.map((rule) => rule.id).toSorted()
  const files = readdirSync(documents)
    .filter((name) => name.endsWith('.md'))
    .map((name) => name.slice(0, -3))
    .toSorted()
  expect(files).toEqual(ids)
})

it.each(rules.map((rule) => [rule.id, rule] as const))('%s names every option in its document', (id, rule) => {
  const text = readFileSync(`${documents}${id}.md`, 'utf8')
  const schema = rule.options(z)
  const options = 'shape' in schema && typeof schema.shape === 'object' && schema.shape !== null ? Object.keys(schema.shape) : []
  expect(options.filter((name) => !text.includes(`\`${name}\``))).toEqual([])
  expect(rule.why).toMatch(/^[A-Z`].{20,160}\.$/)
})

it.each(rules.map((rule) => [rule.id, rule] as const))('%s refuses an unknown option', (_, rule) => {
  expect(rule.options(z).safeParse({ 'no such option': 1 }).success).toBe(false)
})
