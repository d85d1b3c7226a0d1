import { kindOf } from '../extract/extract-facts.ts'

export interface Shares {
  /** What takes libraries to read that this thread loads anyway: twice they would cost more than the files. */
  readonly own: readonly string[]
  /** What either thread reads. */
  readonly common: readonly string[]
}

/** The files of a list, for a thread that has help. Both threads divide it the same way. */
export function shareFiles(paths: readonly string[]): Shares {
  const shares = { own: [] as string[], common: [] as string[] }
  for (const path of paths) (configKinds.has(kindOf(path)) ? shares.own : shares.common).push(path)
  return shares
}

const configKinds: ReadonlySet<string> = new Set<ReturnType<typeof kindOf>>(['manifest', 'tsconfig', 'workspace'])
