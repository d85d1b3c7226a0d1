import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { runOutcomes } from '../packages/contracts/model/src/index.ts'

/* docs/errors.md and the source say the same. */

const root = fileURLToPath(new URL('..', import.meta.url))

test('every error code is documented, and nothing else is', async () => {
  const files = globSync('packages/*/*/src/**/*.ts', { cwd: root }).filter((file) => !file.endsWith('.test.ts'))
  const texts = await Promise.all(files.map((file) => readFile(`${root}/${file}`, 'utf8')))
  const thrown = texts.flatMap((text) => [...text.matchAll(/new CoxError\(\s*'([A-Z_]+)'/g)].map((match) => match[1] ?? ''))
  expect((await rowsBelow('## Errors')).map(([code]) => code)).toEqual(inOrder(thrown))
})

test('every outcome is documented, and nothing else is', async () => {
  expect((await rowsBelow('## Outcomes of a run')).map(([code]) => code)).toEqual([...runOutcomes])
})

test('every row says when, and what to do', async () => {
  for (const cells of [...(await rowsBelow('## Errors')), ...(await rowsBelow('## Outcomes of a run'))]) {
    expect(cells).toEqual([
      expect.stringMatching(/^[A-Z_]+$|^[a-z-]+$/),
      expect.stringMatching(/\w{2}/),
      expect.stringMatching(/\w{2}/),
    ])
  }
})

/** By the words in it: `NO_COMMITS` before `NOT_A_REPOSITORY`. */
function inOrder(codes: readonly string[]): string[] {
  return [...new Set(codes)].toSorted((left, right) => left.replaceAll('_', ' ').localeCompare(right.replaceAll('_', ' '), 'en'))
}

async function rowsBelow(heading: string): Promise<string[][]> {
  const text = await readFile(`${root}/docs/errors.md`, 'utf8')
  const section = text.slice(text.indexOf(`\n${heading}\n`)).split('\n## ')[1] ?? ''
  const rows = section.split('\n').filter((line) => line.startsWith('| `'))
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replace(/^`([\w-]+)`$/, '$1')),
  )
}
