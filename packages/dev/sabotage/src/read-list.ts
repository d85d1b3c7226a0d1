import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'

const PromiseId = z.string().regex(/^[A-Z]+-\d+$/)

/** One change of one file that breaks one promise of `specs/`. */
const Sabotage = z
  .strictObject({
    promise: PromiseId,
    /** What is not kept any more. */
    breaks: z.string(),
    file: z.string(),
    /** Occurs once in the file. */
    from: z.string().min(1),
    /** Code that loads: a test says what is wrong, not the parser. */
    to: z.string(),
    /** Where the tests are that must notice it: paths as vitest takes them. The room of the file without it. */
    tests: z.array(z.string()).min(1).optional(),
  })
  .refine(({ from, to }) => from !== to, { error: '`from` and `to` are the same' })
export type Sabotage = z.infer<typeof Sabotage>

const SabotageList = z.strictObject({
  /** Folders whose tests need servers, containment or many processes: no sample takes a line of theirs. */
  slow: z.array(z.string()),
  sabotages: z.array(Sabotage),
  /** Promises without a line, with what keeps them from having one. */
  without: z.array(z.strictObject({ reason: z.string(), promises: z.array(PromiseId).min(1) })),
})
export type SabotageList = z.infer<typeof SabotageList>

export function readList(path: string): SabotageList {
  return SabotageList.parse(parse(readFileSync(path, 'utf8')))
}

/** The tests that must notice it. */
export function testsOf({ file, tests }: Sabotage): readonly string[] {
  if (tests !== undefined) return tests
  const room = /^packages\/[^/]+\/[^/]+\//.exec(file)?.[0]
  if (room === undefined) throw new Error(`${file} is in no room: name its tests`)
  return [room]
}
