import type { ColumnType, Generated } from 'kysely'

/** A jsonb column: parsed when read, text when written. */
type Json = ColumnType<unknown, string, string>

/** One row a repository: its counters. A transaction that takes a number holds the row until it ends. */
interface Repositories {
  id: string
  last_task: Generated<number>
  last_run: Generated<number>
  last_seq: Generated<number>
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
}

interface Events {
  repository: string
  seq: number
  at: number
  task: number | null
  run: number | null
  name: string
  data: Json
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
}
