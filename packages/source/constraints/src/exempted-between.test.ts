import { expect, test } from 'vitest'
import { exemptedBetween, type Texts } from './exempted-between.ts'

/** Each line `allow <rule> <why>` is an exemption, which moves with its words. */
const exemptions = {
  mark: 'allow',
  exemptionsIn: (_: string, text: string) =>
    [...text.matchAll(/^allow (\S+) (.+)$/gm)].map(([key, detail = '', why = '']) => ({ key, detail, why })),
}

const between = (...texts: readonly Texts[]): string[] =>
  exemptedBetween(texts, exemptions).map(({ file, detail, why }) => `${file}: ${detail}: ${why}`)

test('CON-56 what is exempted newly is told with its reason; what moves to another file, or goes, is not new', () => {
  const allow = 'allow max-lines generated\n'
  expect(between({ path: 'a.ts', was: null, now: allow })).toEqual(['a.ts: max-lines: generated'])
  expect(between({ path: 'a.ts', was: allow, now: null }, { path: 'b.ts', was: '', now: allow })).toEqual([])
  expect(between({ path: 'a.ts', was: allow, now: '' })).toEqual([])
  expect(between({ path: 'a.ts', was: allow, now: 'allow max-lines other\n' })).toEqual(['a.ts: max-lines: other'])
})

test('CON-56 one that becomes three is two more, told once', () => {
  const allow = 'allow max-lines generated\n'
  expect(between({ path: 'a.ts', was: allow, now: allow.repeat(3) })).toEqual(['a.ts: max-lines, 2 times: generated'])
})
