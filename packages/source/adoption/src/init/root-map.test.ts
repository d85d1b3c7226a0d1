import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { planRootMap } from './root-map.ts'

const long = (words: string): string => Array.from({ length: 12 }, (_, index) => `- ${words} ${index}`).join('\n')
const text = `# Shop

Words at the top. See [below](#deep--down) and [that](#commands).

## Review

See [the guide](docs/guide.md#x), [it](./a.md), [us](https://example.com/x) and [top](/b.md).

\`\`\`sh
## no heading
\`\`\`

### Deep

${long('review')}

## Kept for its anchor

### Deep & down

${long('anchored')}

## Imports

@AGENTS.local.md
${long('imported')}

## Commands

${long('command')}
${long('more')}

## Mandatory rules

${long('binding')}

## Short

- stays
`

test('the largest sections that can go leave a line that names them', () => {
  const map = planRootMap({ text, most: 30, isTaken: (path) => path === 'docs/agents/review.md' })
  expect(map?.sections).toEqual([
    { heading: 'Review', lines: 23, to: 'docs/agents/review-2.md' },
    { heading: 'Commands', lines: 27, to: 'docs/agents/commands.md' },
  ])
  expect(map?.text).toContain(
    '## Commands\n\nRead [docs/agents/commands.md](docs/agents/commands.md) before work that this is about.\n\n## Mandatory rules\n\n- binding 0\n',
  )
  expect(map?.text).toContain('- binding 11')
  expect(map?.text).toContain('- anchored 3')
  expect(map?.text).toContain('@AGENTS.local.md')
  expect(map?.files[0]?.text.split('\n').slice(0, 9)).toEqual([
    '# Review',
    '',
    'See [the guide](../../docs/guide.md#x), [it](../../a.md), [us](https://example.com/x) and [top](/b.md).',
    '',
    '```sh',
    '## no heading',
    '```',
    '',
    '### Deep',
  ])
})

test('only as many sections go as it takes, and a short root keeps all', () => {
  expect(planRootMap({ text, most: 90, isTaken: () => false })?.sections.map((one) => one.heading)).toEqual(['Commands'])
  expect(planRootMap({ text, most: 200, isTaken: () => false })).toBeNull()
})

test('no word is lost, whatever the text', () => {
  const part = fc.oneof(
    fc.string({ maxLength: 30 }),
    fc.constantFrom(
      '## A',
      '## B',
      '# T',
      '```',
      '~~~',
      '---',
      '- x',
      '[a]: b',
      '[a]',
      '[x](y.md)',
      '',
      '   ## in',
      '<!-- x',
      '@imp',
    ),
  )
  const lines = fc.array(part, { minLength: 20, maxLength: 80 })
  fc.assert(
    fc.property(lines, fc.constantFrom('\n', '\r\n'), (all, eol) => {
      const map = planRootMap({ text: all.join(eol), most: 10, isTaken: () => false })
      if (map === null) return
      const words = (whole: string): string[] => whole.split(/\s+/).filter((word) => word !== '' && !/\]\(/.test(word))
      const now = new Set([map.text, ...map.files.map((file) => file.text)].flatMap(words))
      expect(words(all.join(eol)).filter((word) => !now.has(word) && word !== '##')).toEqual([])
      expect(map.text.split(/\r?\n/).length).toBeLessThan(all.join(eol).split(/\r?\n/).length)
    }),
    { numRuns: 500 },
  )
})
