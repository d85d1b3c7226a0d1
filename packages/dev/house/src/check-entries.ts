import { layerOf, type Finding, type House, type Room } from './house.ts'
import type { Walls } from './walls-shape.ts'

/** One public door a room: `src/index.ts`, named exports; further subpaths are listed; others are entered through them only. */
export function checkEntries({ rooms }: House, walls: Walls): Finding[] {
  const byName = new Map(rooms.map((room) => [room.name, room]))
  const declared = rooms.flatMap((room) =>
    Object.keys(room.exports)
      .filter((key) => key !== '.')
      .map((key) => `${room.id}${key.slice(1)}`),
  )
  return [
    ...rooms.flatMap((room) => [...doorOf(room), ...deepImports(room, byName)]),
    ...declared.filter((entry) => !walls.entries.some((listed) => listed.entry === entry)).map(unlisted),
    ...walls.entries
      .filter(({ entry }) => !declared.includes(entry))
      .map(({ entry }) => ({
        wall: 'stale',
        at: entry,
        what: 'no such entry',
        why: 'The list only holds what is true: remove it.',
      })),
  ]
}

function doorOf(room: Room): Finding[] {
  const at = room.id
  const index = room.files.find((file) => file.path === `packages/${room.id}/src/index.ts`)
  const findings: Finding[] = []
  if (room.exports['.'] !== './src/index.ts' || index === undefined)
    findings.push({
      wall: 'entry',
      at,
      what: 'has no public door: "." is ./src/index.ts',
      why: 'Others find every room the same way.',
    })
  if (index?.facts.imports.some(({ form }) => form === 'reexport-all'))
    findings.push({
      wall: 'entry',
      at,
      what: 'opens its door with `export *`',
      why: 'A door lists what passes through it, so that a reader and a diff see it.',
    })
  const name = layerOf(room) === 'apps' && at === 'apps/cli' ? 'coxswain' : `@coxswain/${at.slice(at.indexOf('/') + 1)}`
  if (room.name !== name)
    findings.push({ wall: 'entry', at, what: `is named ${room.name}, not ${name}`, why: 'The folder tells the name.' })
  return findings
}

function deepImports(room: Room, byName: ReadonlyMap<string, Room>): Finding[] {
  return room.files.flatMap((file) =>
    file.facts.imports.flatMap(({ from, line }): Finding[] => {
      const target = [...byName.values()].find(({ name }) => from.startsWith(`${name}/`))
      if (target === undefined || `.${from.slice(target.name.length)}` in target.exports) return []
      return [
        {
          wall: 'entry',
          at: `${file.path}:${line}`,
          what: `imports ${from}, which is inside another room`,
          why: `Use what ${target.name} exports, or export it there.`,
        },
      ]
    }),
  )
}

function unlisted(entry: string): Finding {
  return {
    wall: 'entry',
    at: entry,
    what: 'is a further public entry',
    why: 'One door a room; a subpath is for another runtime or for tests, and is listed in walls.ts with its reason.',
  }
}
