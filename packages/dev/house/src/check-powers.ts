import { codeOnly } from './code-only.ts'
import { layerOf, type Finding, type House, type Room, type SourceFile } from './house.ts'
import type { Power, Walls } from './walls-shape.ts'

/** Dangerous powers are used in rooms that are listed for them, and listed rooms use them. */
export function checkPowers({ rooms }: House, walls: Walls): Finding[] {
  const used = rooms.filter((room) => layerOf(room) !== 'dev').flatMap((room) => usesOf(room, walls.powers))
  const isGranted = (room: string, power: string): boolean =>
    walls.grants.some((grant) => grant.room === room && grant.powers.includes(power))
  const taken = used
    .filter(({ room, power }) => !isGranted(room, power.name))
    .map(({ at, power }) => ({ wall: 'power', at, what: `takes the power "${power.name}"`, why: power.why }))
  return [...taken, ...idleGrants(walls, new Set(used.map(({ room, power }) => `${room} ${power.name}`)))]
}

interface Use {
  readonly room: string
  readonly at: string
  readonly power: Power
}

function usesOf(room: Room, powers: readonly Power[]): Use[] {
  return room.files
    .filter((file) => !file.isTest && file.path.startsWith(`packages/${room.id}/src/`))
    .flatMap((file) =>
      powers.flatMap((power) => linesOf(file, power).map((line) => ({ room: room.id, at: `${file.path}:${line}`, power }))),
    )
}

function linesOf({ text, facts }: SourceFile, power: Power): number[] {
  const imports = facts.imports.filter(
    ({ from, names, isType }) =>
      !isType &&
      // Node has its modules under both names.
      (power.modules?.some((module) => module === from || module === `node:${from}`) ?? false) &&
      (power.names === undefined || names.some((name) => isDangerous(name, power.names))),
  )
  const sites = facts.sites.filter(({ kind }) => power.sites?.some((wanted) => wanted === kind) ?? false)
  const { code } = power
  const written =
    code === undefined
      ? []
      : codeOnly(text)
          .split('\n')
          .flatMap((line, index) => (code.test(line) ? [index + 1] : []))
  return [...new Set([...[...imports, ...sites].map(({ line }) => line), ...written])]
}

function isDangerous(name: string, names: readonly string[] | undefined): boolean {
  return name === '*' || name === 'default' || (names?.includes(name) ?? true)
}

function idleGrants({ grants }: Walls, used: ReadonlySet<string>): Finding[] {
  return grants.flatMap(({ room, powers }) =>
    powers
      .filter((power) => !used.has(`${room} ${power}`))
      .map((power) => ({
        wall: 'stale',
        at: room,
        what: `may "${power}" and does not`,
        why: 'The list only holds what is true: remove the grant.',
      })),
  )
}
