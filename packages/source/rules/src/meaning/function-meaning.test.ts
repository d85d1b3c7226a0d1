import { expect, test } from 'vitest'
import { readModuleNames } from './module-names.ts'

test('reads what a module names, however it is written', () => {
  const text = [
    "import first, { second as other, type Third } from './a.ts'",
    "import * as all from 'pkg'",
    "import old = require('./old')",
    'const one = 1,\n  two = `}{ ${1}`',
    'export const { three, four: five } = make({ six: 1 })',
    'export default async function seven() {\n  const inner = 1\n  return inner\n}',
    'class Eight {}',
    '// const no = 1',
    'type Nine = { a: string }',
    'export const ten =\n  one + 1',
    'let eleven: Map<string, { a: number }>',
    'const größe = 1; const twelve = 2',
    '',
  ]
  for (const end of ['\n', '\r\n']) {
    const { locals, imports } = readModuleNames(text.join('\n').replaceAll('\n', end))
    expect([...imports]).toEqual([
      ['other', ['./a.ts', 'second']],
      ['Third', ['./a.ts', 'Third']],
      ['first', ['./a.ts', 'default']],
      ['all', ['pkg', '*']],
      ['old', ['./old', '=']],
    ])
    expect([...locals.keys()].toSorted()).toEqual(
      // One too many keeps two functions apart, and no more.
      'Eight Nine eleven five four größe one seven ten three twelve two'.split(' ').toSorted(),
    )
  }
})
