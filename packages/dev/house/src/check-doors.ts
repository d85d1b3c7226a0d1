import { isBuiltin } from 'node:module'
import { layerOf, type Finding, type House, type Room } from './house.ts'
import type { Door, Walls } from './walls-shape.ts'

/** Which rooms a room depends on, and that what it imports is what it declares. */
export function checkDoors(house: House, walls: Walls): Finding[] {
  const byName = new Map(house.rooms.map((room) => [room.name, room]))
  return [
    ...house.rooms.flatMap((room) => [...edges(room, byName, walls), ...undeclared(room, house.testTools)]),
    ...cycles(house.rooms, byName),
  ]
}

type RoomsByName = ReadonlyMap<string, Room>

function edges(room: Room, byName: RoomsByName, walls: Walls): Finding[] {
  const closed = (names: readonly string[], doors: readonly Door[]): Room[] =>
    names.flatMap((name) => byName.get(name) ?? []).filter((target) => !isOpen(room, target, doors))
  return [
    ...closed(room.dependencies, walls.doors).map((target) => shut(room, target, 'depends on')),
    ...closed(room.devDependencies, [...walls.doors, ...walls.testDoors]).map((target) => shut(room, target, 'tests with')),
  ]
}

function isOpen(from: Room, to: Room, doors: readonly Door[]): boolean {
  return doors.some((door) => isNamed(door.from, from) && door.to.some((target) => isNamed(target, to)))
}

function isNamed(pattern: string, room: Room): boolean {
  return pattern === room.id || pattern === layerOf(room)
}

function shut(from: Room, to: Room, verb: string): Finding {
  return {
    wall: 'door',
    at: from.id,
    what: `${verb} ${to.id}: no such door`,
    why: 'Doors are listed in walls.ts. Hand the function in through an app, move the noun to contracts, or argue for a door there.',
  }
}

/** An import that no manifest line allows works by accident, until the other package moves. */
function undeclared(room: Room, testTools: readonly string[]): Finding[] {
  const all = new Set([...room.dependencies, ...room.devDependencies, room.name])
  return room.files.flatMap((file) =>
    file.facts.imports.flatMap(({ from, line, isType }): Finding[] => {
      const at = `${file.path}:${line}`
      if (from.startsWith('.')) return leavesRoom(file.path, from) ? [escaped(at, from)] : []
      const name = packageOf(from)
      if (name === null) return []
      const known = file.isTest || isType ? all : new Set([...room.dependencies, room.name])
      return known.has(name) || (isType && known.has(`@types/${name}`)) || (file.isTest && testTools.includes(name))
        ? []
        : [
            {
              wall: 'door',
              at,
              what: `imports ${name}, which its package.json does not list for this`,
              why: 'A package has the doors of its manifest: add it there, or import something else.',
            },
          ]
    }),
  )
}

function packageOf(specifier: string): string | null {
  if (isBuiltin(specifier) || /^(?:[./#]|https?:|data:)/.test(specifier)) return null
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/** A folder, as in `new URL('../../', import.meta.url)`, is a place and no module. */
function leavesRoom(path: string, from: string): boolean {
  if (from.endsWith('/')) return false
  const room = path.split('/').slice(0, 3).join('/')
  return !new URL(from, `file:///${path}`).pathname.startsWith(`/${room}/`)
}

function escaped(at: string, from: string): Finding {
  return { wall: 'door', at, what: `imports ${from} out of its room`, why: 'A room is entered by its package name only.' }
}

function cycles(rooms: readonly Room[], byName: RoomsByName): Finding[] {
  const reaches = (room: Room, goal: Room, seen: Set<string>): boolean =>
    room.dependencies.some((name) => {
      const next = byName.get(name)
      if (next === undefined || seen.has(name)) return false
      seen.add(name)
      return next === goal || reaches(next, goal, seen)
    })
  return rooms
    .filter((room) => reaches(room, room, new Set()))
    .map((room) => ({
      wall: 'door',
      at: room.id,
      what: 'depends on itself through others',
      why: 'A cycle of rooms is one room: merge them, or turn an edge around with a function handed in.',
    }))
}
