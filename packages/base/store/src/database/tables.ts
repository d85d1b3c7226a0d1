import type { ColumnType, Generated } from 'kysely'

/** A jsonb column: parsed when read, text when written. */
type Json = ColumnType<unknown, string, string>

/** One row a repository: its counters. A transaction that takes a number holds the row until it ends. */
interface Repositories {
  id: string
  last_task: Generated<number>
  last_run: Generated<number>
  last_seq: Generated<number>
  /** Where its git folder is; null until a worker says so. */
  place: Json | null
}

interface Tasks {
  repository: string
  number: number
  key: string
  text: string
  title: string
  priority: number
  package: string | null
  agent: string | null
  budget: Json
  may_land: boolean
  state: string
  origin: string
  created_at: number
}

interface Runs {
  repository: string
  number: number
  key: string
  task: number
  priority: number
  agent: string
  model: string | null
  state: string
  outcome: string | null
  reason: string | null
  branch: string
  target: string | null
  base: string | null
  head: string | null
  landed: string | null
  turns: number
  gate_failures: number
  tokens: Json
  cost_usd: number | null
  budget: Json
  may_land: boolean
  active_ms: number
  created_at: number
  updated_at: number
  /** The run machine's own state: opaque here. */
  progress: Json | null
  /** Who holds the run; null when nobody does. */
  worker: string | null
  /** Grows with each claim: what an earlier one still writes is told apart by it. */
  token: Generated<number>
}

interface Events {
  repository: string
  seq: number
  at: number
  task: number | null
  run: number | null
  name: string
  data: Json
  /** Of the shape of its data. */
  version: number
  /** Of the first event of a batch: writing the batch again changes nothing. */
  key: string | null
}

interface Interventions {
  repository: string
  id: Generated<number>
  key: string
  run: number
  kind: string
  text: string
  at: number
  /** The attempt that consumed it. */
  consumed_by: string | null
  /** Who asked for it; null before version 2. */
  actor: Json | null
  budget: Json | null
}

interface Turns {
  repository: string
  run: number
  key: string
  model: string | null
  input: number
  cached_input: number
  cache_write: number
  output: number
  reasoning: number
  cost_usd: number | null
  wall_ms: number
  at: number
}

interface GateCache {
  repository: string
  gate: string
  tree: string
  result: Json
  at: number
}

interface Workers {
  repository: string
  id: string
  host: string
  pid: number
  /** By the database's clock: hosts differ. */
  beat_at: Generated<Date>
  /** Machine and git folder. */
  place: Json | null
}

/** Leases on what one worker does at a time. */
interface Lanes {
  repository: string
  name: string
  /** Of this row: tokens of another database's are no earlier or later ones. */
  epoch: Generated<string>
  /** A life of a worker, and one stay of it in the lane. */
  holder: string
  attempt: string
  token: number
  /** Null when it was given back. */
  until: Date | null
}

interface Effects {
  repository: string
  key: string
  result: Json
  at: number
}

export interface Tables {
  repositories: Repositories
  tasks: Tasks
  runs: Runs
  events: Events
  interventions: Interventions
  turns: Turns
  gate_cache: GateCache
  workers: Workers
  effects: Effects
  lanes: Lanes
}
