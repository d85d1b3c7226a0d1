import type { FileFacts } from '@coxswain/facts'

/** The tree as the walls see it. */
export interface House {
  readonly rooms: readonly Room[]
  /** Every tracked text file. */
  readonly texts: readonly TextFile[]
  /** Packages of the root that every test may use. */
  readonly testTools: readonly string[]
}

export interface TextFile {
  readonly path: string
  readonly text: string
}

export interface Room {
  /** Such as `base/kernel`. */
  readonly id: string
  readonly name: string
  readonly exports: Readonly<Record<string, string>>
  /** At run time: dependencies, optional and peer dependencies. */
  readonly dependencies: readonly string[]
  readonly devDependencies: readonly string[]
  readonly readme: string | null
  readonly files: readonly SourceFile[]
}

export interface SourceFile extends TextFile {
  readonly facts: Pick<FileFacts, 'lines' | 'imports' | 'sites'>
  /** A test, or what only tests import. */
  readonly isTest: boolean
}

export interface Finding {
  readonly wall: string
  readonly at: string
  readonly what: string
  readonly why: string
}

export function layerOf(room: Pick<Room, 'id'>): string {
  return room.id.slice(0, room.id.indexOf('/'))
}
