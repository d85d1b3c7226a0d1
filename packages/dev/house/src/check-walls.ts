import { checkDoors } from './check-doors.ts'
import { checkEntries } from './check-entries.ts'
import { checkPackages } from './check-packages.ts'
import { checkPowers } from './check-powers.ts'
import { checkReadmes } from './check-readmes.ts'
import { checkSizes } from './check-sizes.ts'
import { checkTests } from './check-tests.ts'
import { checkTexts } from './check-texts.ts'
import type { Finding, House } from './house.ts'
import type { Exception, Walls } from './walls-shape.ts'

/** What stands against the walls, in a stable order; entries of the walls that nothing needs are findings too. */
export function checkWalls(house: House, walls: Walls): Finding[] {
  const found = [checkDoors, checkPowers, checkPackages, checkEntries, checkSizes, checkReadmes, checkTests, checkTexts]
    .flatMap((check) => check(house, walls))
    .toSorted((a, b) => a.wall.localeCompare(b.wall) || a.at.localeCompare(b.at) || a.what.localeCompare(b.what))
  const stands = found.filter((finding) => !walls.exceptions.some((exception) => covers(exception, finding)))
  return [...stands, ...walls.exceptions.filter((exception) => !found.some((finding) => covers(exception, finding))).map(stale)]
}

function covers(exception: Exception, finding: Finding): boolean {
  return exception.wall === finding.wall && exception.at === finding.at
}

function stale({ wall, at }: Exception): Finding {
  return {
    wall: 'stale',
    at,
    what: `the exception to "${wall}" excuses nothing`,
    why: 'The list only holds what is true: remove it.',
  }
}
