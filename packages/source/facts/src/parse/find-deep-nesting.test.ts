import { Worker } from 'node:worker_threads'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { extractFacts } from '../extract/extract-facts.ts'
import { findDeepNesting } from './find-deep-nesting.ts'

const shapes: Readonly<Record<string, (n: number) => string>> = {
  parentheses: (n) => `x = ${'('.repeat(n)}1${')'.repeat(n)}`,
  'lists that never close': (n) => `x = ${'['.repeat(n)}`,
  functions: (n) => 'function f(){'.repeat(n) + '}'.repeat(n),
  classes: (n) => 'class A{a='.repeat(n) + '1' + '}'.repeat(n),
  templates: (n) => `x = ${'`${'.repeat(n)}1${'}`'.repeat(n)}`,
  types: (n) => `type X = ${'(a:'.repeat(n)}A${')=>void'.repeat(n)}`,
  generics: (n) => `type X = ${'A<'.repeat(n)}B${'>'.repeat(n)}`,
  conditions: (n) => `x = ${'a?b:'.repeat(n)}c`,
  elses: (n) => `${'if(a){}else '.repeat(n)}{}`,
  'elses without braces': (n) => `${'if(a)b;else '.repeat(n)}c`,
  arrows: (n) => `x = ${'a=>'.repeat(n)}1`,
  'prefix words over lines': (n) => `x = ${'typeof\n'.repeat(n)}1`,
  powers: (n) => `x = 1${'**a'.repeat(n)}`,
  casts: (n) => `x = a${' as any'.repeat(n)}`,
  components: (n) => `x = ${'<a>'.repeat(n)}${'</a>'.repeat(n)}`,
}

test.each(Object.keys(shapes))('%s: told, in the depth of a program and on a thread, and no stack runs out', async (name) => {
  const text = (shapes[name] ?? String)(20_000)
  const facts = extractFacts('a.tsx', Buffer.from(text))
  expect(facts.problem?.message).toBe('is nested more than 400 levels deep: no parser here reads that')
  const here = new URL('../extract/extract-facts.ts', import.meta.url).href
  const program = `
    import(${JSON.stringify(here)}).then(({ extractFacts }) =>
      require('node:worker_threads').parentPort.postMessage(
        extractFacts('a.tsx', Buffer.from(require('node:worker_threads').workerData)).problem?.message))`
  const worker = new Worker(program, { eval: true, workerData: text })
  expect((await once(worker, 'message'))[0]).toBe(facts.problem?.message)
  await worker.terminate()
})

test('long chains that the parser takes one after the other are no exception either', () => {
  for (const text of [`x = 1${'+a'.repeat(100_000)}`, `x = a${'.b()'.repeat(100_000)}`, `type X = A${'[]'.repeat(100_000)}`])
    expect(extractFacts('a.ts', Buffer.from(text)).problem?.message).toBe('is nested too deeply to be read')
})

test('much of something is no depth', () => {
  const lines = (line: string): string => Array.from({ length: 9_000 }, (_, at) => line.replaceAll('N', String(at))).join('\n')
  const texts = [
    lines('const aN = b ? c : d'),
    lines('if (a) { b = !c } else { b = c }'),
    lines("  { name: 'a((((', value: -N },"),
    lines('// ((((((['),
    lines('const aN = `[[[[ ${b} [[[`'),
    lines('await a(N)'),
    `const x = [${lines('"[",')}]`,
    `type X = ${lines("| { kind: 'aN'; value: A<B> }")}`,
  ]
  expect(texts.map(findDeepNesting)).toEqual(texts.map(() => null))
})
