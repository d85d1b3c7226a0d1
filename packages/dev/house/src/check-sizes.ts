import { layerOf, type Finding, type House, type Room } from './house.ts'
import type { Walls } from './walls-shape.ts'

/** A file, and a whole room, fit in the context of the one who changes them. */
export function checkSizes({ rooms }: House, { limits }: Walls): Finding[] {
  const byName = new Map(rooms.map((room) => [room.name, room]))
  const workspace = (room: Room): Room[] => room.dependencies.flatMap((name) => byName.get(name) ?? [])
  const long = rooms.flatMap((room) => room.files.filter(({ facts }) => facts.lines > limits.fileLines))
  return [
    ...long.map((file) =>
      tooMuch(file.path, `has ${file.facts.lines} lines, at most ${limits.fileLines}`, 'Split it along the nouns it holds.'),
    ),
    ...over(rooms, linesOf, limits.roomLines).map(([room, lines]) =>
      tooMuch(
        room.id,
        `has ${lines} lines besides tests, at most ${limits.roomLines}`,
        'A room fits in a context window: split it.',
      ),
    ),
    ...over(
      rooms.filter((room) => layerOf(room) !== 'apps'),
      (room) => workspace(room).length,
      limits.workspaceDependencies,
    ).map(([room, count]) =>
      tooMuch(
        room.id,
        `depends on ${count} rooms, at most ${limits.workspaceDependencies}`,
        'A room that knows everybody cannot be worked on alone.',
      ),
    ),
    ...over(rooms, (room) => chainOf(room, workspace, new Set()), limits.chain).map(([room, length]) =>
      tooMuch(
        room.id,
        `ends a chain of ${length} rooms, at most ${limits.chain}`,
        'Each link is one more thing to know and to rebuild.',
      ),
    ),
  ]
}

function linesOf(room: Room): number {
  return room.files.filter((file) => !file.isTest).reduce((sum, file) => sum + file.facts.lines, 0)
}

function over(rooms: readonly Room[], measure: (room: Room) => number, limit: number): [Room, number][] {
  return rooms.map((room): [Room, number] => [room, measure(room)]).filter(([, value]) => value > limit)
}

/** Rooms on the longest way down, itself included; a cycle is the doors' business. */
function chainOf(room: Room, workspace: (room: Room) => Room[], above: ReadonlySet<Room>): number {
  const below = workspace(room).filter((next) => !above.has(next))
  return 1 + Math.max(0, ...below.map((next) => chainOf(next, workspace, new Set([...above, room]))))
}

function tooMuch(at: string, what: string, why: string): Finding {
  return { wall: 'size', at, what, why }
}
