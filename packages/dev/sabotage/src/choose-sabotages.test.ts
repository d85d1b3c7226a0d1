import { expect, test } from 'vitest'
import { chooseSabotages } from './choose-sabotages.ts'
import type { Sabotage, SabotageList } from './read-list.ts'

const line = (promise: string, file: string): Sabotage => ({ promise, breaks: '', file, from: 'a', to: 'b' })
const list: SabotageList = {
  slow: ['packages/base/store'],
  sabotages: [
    ...Array.from({ length: 20 }, (_, at) => line(`SUM-${at}`, 'packages/base/sum/src/sum.ts')),
    line('STO-1', 'packages/base/store/src/store.ts'),
    { ...line('STO-2', 'packages/base/sum/src/sum.ts'), tests: ['packages/base/store/src'] },
  ],
  without: [],
}
const chosen = (choice: Parameters<typeof chooseSabotages>[1]): string[] =>
  chooseSabotages(list, choice).map(({ promise }) => promise)

test('a seed takes the same lines again, another one others, and none of a slow room', () => {
  expect(chosen({ sample: 5, seed: 1 })).toHaveLength(5)
  expect(chosen({ sample: 5, seed: 1 })).toEqual(chosen({ sample: 5, seed: 1 }))
  expect(chosen({ sample: 5, seed: 1 })).not.toEqual(chosen({ sample: 5, seed: 2 }))
  expect(chosen({ sample: 99, seed: 1 }).toSorted()).toEqual(Array.from({ length: 20 }, (_, at) => `SUM-${at}`).toSorted())
})

test('a promise is asked for by its id, also a slow one; without a choice all are taken', () => {
  expect(chosen({ only: 'STO-1', seed: 1 })).toEqual(['STO-1'])
  expect(chosen({ only: 'SUM-99', seed: 1 })).toEqual([])
  expect(chosen({ seed: 1 })).toHaveLength(22)
})
