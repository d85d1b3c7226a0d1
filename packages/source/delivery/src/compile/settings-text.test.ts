import fc from 'fast-check'
import { expect, test } from 'vitest'
import { insertHooks, removeHooks, type HookMap } from './settings-text.ts'

const hook = (id: string) => ({ matcher: 'Edit', hooks: [{ type: 'command', command: `npm test # cox:${id}` }] })
const ours: HookMap = { PostToolUse: [hook('one'), hook('two')], Stop: [hook('three')] }

test('hooks stand beside what was there', () => {
  const inserted = insertHooks('{\n  "model": "m",\n  "hooks": {\n    "Stop": [\n      { "hooks": [] }\n    ]\n  }\n}\n', {
    Stop: [hook('three')],
  })
  expect(inserted?.text).toMatchInlineSnapshot(`
    "{
      "model": "m",
      "hooks": {
        "Stop": [
          {
            "matcher": "Edit",
            "hooks": [
              {
                "type": "command",
                "command": "npm test # cox:three"
              }
            ]
          },
          { "hooks": [] }
        ]
      }
    }
    "
  `)
})

const word = fc.constantFrom('a', 'Stop', 'PostToolUse', 'PreToolUse', 'x"y', '{', ']', '\\', 'é', '// no')
const entries = fc.array(fc.record({ matcher: word, hooks: fc.constant([]) }), { maxLength: 2 })
const settings = fc.record(
  {
    before: fc.jsonValue({ maxDepth: 2 }),
    hooks: fc.dictionary(fc.constantFrom('Stop', 'PostToolUse', 'PreToolUse'), entries),
    after: word,
  },
  { requiredKeys: [] },
)
const text = fc
  .tuple(settings, fc.constantFrom('', 2, '\t'), fc.constantFrom('\n', '\r\n'), fc.constantFrom('', '\u{feff}'), fc.boolean())
  .map(([value, indent, eol, mark, isEnded]) => {
    const json = JSON.stringify(value, null, indent === '' ? undefined : indent)
    return `${mark}${json.replaceAll('\n', eol)}${isEnded ? eol : ''}`
  })

test('what was put in is taken out again, character by character', () => {
  fc.assert(
    fc.property(text, (before) => {
      const inserted = insertHooks(before, ours)
      if (inserted === null) throw new Error(`not taken: ${before}`)
      const plain: unknown = JSON.parse(inserted.text.replace(/^\u{feff}/u, ''))
      expect(plain).toMatchObject({ hooks: { Stop: expect.arrayContaining([hook('three')]) } })
      expect(removeHooks(inserted.text, inserted.segments)).toEqual({ text: before, isExact: true })
    }),
    { numRuns: 500 },
  )
})

test('after the file was rewritten, our commands are known by their mark', () => {
  const inserted = insertHooks('{"model":"m","hooks":{"Stop":[{"hooks":[]}]}}', ours)
  const rewritten = JSON.stringify(JSON.parse(inserted?.text ?? ''), null, 4)
  expect(removeHooks(rewritten, inserted?.segments ?? [])).toEqual({
    text: `${JSON.stringify({ model: 'm', hooks: { Stop: [{ hooks: [] }] } }, null, 2)}\n`,
    isExact: false,
  })
})

test('what is no settings file is left alone', () => {
  for (const broken of ['', '[]', '{ // comment\n}', '{"hooks": []}', '{"hooks": {"Stop": {}}}', 'null'])
    expect(insertHooks(broken, ours)).toBeNull()
})
