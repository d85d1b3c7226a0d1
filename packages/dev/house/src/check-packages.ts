import type { Finding, House, Room } from './house.ts'
import type { OwnedPackage, Walls } from './walls-shape.ts'

/** Some packages have one owner, so that they can be replaced in a day. */
export function checkPackages({ rooms }: House, { owned }: Walls): Finding[] {
  return owned.flatMap((entry) => {
    const users = rooms.filter((room) => uses(room, entry))
    return [
      ...users
        .filter((room) => !entry.rooms.includes(room.id))
        .map((room) => ({
          wall: 'package',
          at: room.id,
          what: `depends on ${entry.package}, which belongs to ${entry.rooms.join(', ')}`,
          why: entry.why,
        })),
      ...entry.rooms
        .filter((id) => !users.some((room) => room.id === id))
        .map((id) => ({
          wall: 'stale',
          at: id,
          what: `owns ${entry.package} and does not use it`,
          why: 'The list only holds what is true: remove it.',
        })),
    ]
  })
}

function uses(room: Room, { package: name }: OwnedPackage): boolean {
  return room.dependencies.some((one) => (name.endsWith('/*') ? one.startsWith(name.slice(0, -1)) : one === name))
}
