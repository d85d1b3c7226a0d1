import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { checkWalls } from './check-walls.ts'
import { readHouse } from './read-house.ts'
import { walls } from './walls.ts'

test('the tree keeps its walls', async () => {
  const house = await readHouse(fileURLToPath(new URL('../../../../', import.meta.url)))
  expect(house.rooms.length).toBeGreaterThan(10)
  expect(checkWalls(house, walls).map(({ wall, at, what, why }) => `${wall}: ${at} ${what}. ${why}`)).toEqual([])
})
