import { z } from 'zod'

/** `t12`: the repository's twelfth task. */
export const TaskId = z
  .string()
  .regex(/^t[1-9]\d*$/)
  .brand<'TaskId'>()
export type TaskId = z.infer<typeof TaskId>

/** `r12`: the repository's twelfth run. */
export const RunId = z
  .string()
  .regex(/^r[1-9]\d*$/)
  .brand<'RunId'>()
export type RunId = z.infer<typeof RunId>

/** A full object name of git. */
export const CommitId = z
  .string()
  .regex(/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/)
  .brand<'CommitId'>()
export type CommitId = z.infer<typeof CommitId>
