import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { findBlocks, removeBlocks, writeBlock } from './block.ts'

const path = 'AGENTS.md'

/** Prose with everything that could be taken for a marker. */
const prose = fc
  .array(
    fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.constantFrom(
        '\n',
        '\r\n',
        '\r',
        '\n\n',
        '\uFEFF',
        '# Title\n',
        '<!-- cox:begin -->\n',
        '<!-- cox:end -->\n',
        '```\n',
        '- line [an-id]\n',
      ),
      fc.constant('<!-- cox:begin 123456 0123456789 2 kept; from harness/, edit there -->\n- quoted\n<!-- cox:end 123456 -->\n'),
      fc.constant(writeBlock({ path: 'other/AGENTS.md', text: null }, '- of another file\n')),
    ),
    { maxLength: 14 },
  )
  .map((parts) => parts.join(''))
const body = fc
  .array(fc.stringMatching(/^[ -~]{0,30}$/), { maxLength: 5 })
  .map((lines) => lines.map((line) => `- ${line}\n`).join(''))

test('a block that is written and removed leaves the bytes that were there', () => {
  fc.assert(
    fc.property(fc.option(prose), body, body, (text, first, second) => {
      const written = writeBlock({ path, text: writeBlock({ path, text }, first) }, second)
      expect(removeBlocks({ path, text: written })).toBe(text)
    }),
    { numRuns: 1_000 },
  )
})

test('writing the same block twice changes nothing', () => {
  fc.assert(
    fc.property(fc.option(prose), body, (text, lines) => {
      const once = writeBlock({ path, text }, lines)
      expect(writeBlock({ path, text: once }, lines)).toBe(once)
      expect(findBlocks({ path, text: once }).map((block) => block.isEdited)).toEqual([false])
    }),
    { numRuns: 500 },
  )
})

test('words that people add around a block stay', () => {
  const written = writeBlock({ path, text: 'before\n' }, '- line\n')
  expect(removeBlocks({ path, text: `top\n${written}after\n` })).toBe('top\nbefore\nafter\n')
})

test('an edit inside a block is seen', () => {
  const written = writeBlock({ path, text: 'before\n' }, '- line\n').replace('- line', '- line, edited')
  expect(findBlocks({ path, text: written })).toMatchObject([{ isEdited: true, body: '- line, edited\n' }])
})

test('a block without its end is prose', () => {
  const half = writeBlock({ path, text: null }, '- line\n').split('<!-- cox:end')[0] ?? ''
  expect(findBlocks({ path, text: half })).toEqual([])
})

test('a block in a CRLF file has CRLF lines', () => {
  expect(writeBlock({ path, text: 'a\r\nb' }, '- line\n').replaceAll('\r\n', '')).not.toContain('\n')
})
