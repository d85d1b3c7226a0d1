import { Budget, GateResult, interventionKinds, Run, RunId, StoredEvent, Task } from '@coxswain/model'
import { z } from 'zod'

/** Grows when a client of an older version would misunderstand an answer. */
export const protocolVersion = 1

/*
 * What daemon, SDK, CLI and dashboard say to each other: JSON over HTTP, on loopback with
 * `Authorization: Bearer <token>`, which says who asks; on the socket of a run, which says it by itself.
 *
 *   GET  /v1/status                       StatusResponse
 *   POST /v1/tasks                        AddTaskParams → TaskResponse
 *   GET  /v1/tasks                        TaskListResponse
 *   GET  /v1/tasks/:task                  TaskResponse
 *   POST /v1/tasks/:task/cancel           TaskResponse
 *   GET  /v1/runs                         RunListResponse
 *   GET  /v1/runs/:run                    RunResponse
 *   GET  /v1/runs/:run/diff               DiffResponse
 *   POST /v1/runs/:run/interventions      InterveneParams → InterveneResponse
 *   POST /v1/runs/:run/questions          AskParams → AskResponse; by the agent of that run alone
 *   GET  /v1/events?after=&before=&run=&task=&names=&since=&until=&order=&limit=    EventListResponse
 *   GET  /v1/events/stream?after=&run=    server-sent events: id = seq, data = StoredEvent
 *   GET  /v1/presence                     held open: an ephemeral daemon stays until the one who asked has left
 *   POST /v1/clean                        CleanParams → CleanResponse
 *   POST /v1/shutdown                     ShutdownResponse
 */

export const StatusResponse = z.object({
  protocol: z.number(),
  version: z.string(),
  pid: z.number(),
  worker: z.string(),
  repository: z.string(),
  branch: z.string(),
  isEphemeral: z.boolean(),
  startedAt: z.number(),
  /** Runs by state. */
  counts: z.record(z.string(), z.number()),
  active: z.array(Run),
  /** The last events of the active runs, newest first: what each of them is doing. */
  activity: z.array(StoredEvent).default([]),
  /** Active runs for which nothing happens now, and what each waits for. */
  waits: z.array(z.object({ run: RunId, for: z.string() })).default([]),
  /** Of the active ones, those whose daemon was stopped in an orderly way: they wait for the next. */
  suspended: z.array(RunId).default([]),
  workers: z.array(z.object({ id: z.string(), host: z.string(), pid: z.number(), isAlive: z.boolean() })),
  today: z.object({ tokens: z.number(), usd: z.number() }),
  lastEvent: z.number(),
  warnings: z.array(z.string()),
})
/** One of its warnings: who lands at once says it in other words. */
export const noGatesWarning = 'No gates are configured: nothing proves a change. Set `gates` in harness/harness.yaml.'
export type StatusResponse = z.infer<typeof StatusResponse>

const maxTextLength = 200_000

export const AddTaskParams = z.strictObject({
  text: z.string().min(1).max(maxTextLength),
  /** Default: the text's first line. */
  title: z.string().max(500).optional(),
  priority: z.number().int().min(-1000).max(1000).default(0),
  package: z.string().nullable().default(null),
  /** The working tree in which it was asked for: its branch is where the work lands, unless the harness file names one. Default: the main one. */
  checkout: z.string().max(4_096).nullable().default(null),
  agent: z.string().nullable().default(null),
  /** Missing limits are the configured ones. */
  budget: Budget.partial().default({}),
  mayLand: z.boolean().default(false),
  /** Start although a gate is red on the branch: the task mends it. */
  acceptsRedBase: z.boolean().default(false),
  origin: z.string().max(500).default('cli'),
  /** Start it even when the daemon only serves the one who started it. */
  start: z.boolean().default(false),
  /** Adding again under the same key adds nothing. */
  key: z.string().max(200).optional(),
})
export type AddTaskParams = z.input<typeof AddTaskParams>

/** `warnings`: what would keep a new task from being worked on here. */
export const TaskResponse = z.object({ task: Task, runs: z.array(Run), warnings: z.array(z.string()).default([]) })
export type TaskResponse = z.infer<typeof TaskResponse>

export const TaskListResponse = z.object({ tasks: z.array(z.object({ task: Task, run: Run.nullable() })) })
export type TaskListResponse = z.infer<typeof TaskListResponse>

/** `titles`: of the runs' tasks, by the task's id. */
export const RunListResponse = z.object({ runs: z.array(Run), titles: z.record(z.string(), z.string()).default({}) })
export type RunListResponse = z.infer<typeof RunListResponse>

export const RunResponse = z.object({
  run: Run,
  task: Task,
  /** The newest round of gates. */
  gates: z.array(GateResult),
  /** Folder of the run's logs on the daemon's machine. */
  logs: z.string(),
})
export type RunResponse = z.infer<typeof RunResponse>

export const DiffResponse = z.object({ diff: z.string(), files: z.array(z.object({ path: z.string(), status: z.string() })) })
export type DiffResponse = z.infer<typeof DiffResponse>

export const InterveneParams = z.strictObject({
  kind: z.enum(interventionKinds),
  text: z.string().max(maxTextLength).default(''),
  /** With `resume`: new limits of the run as a whole; missing ones stay. */
  budget: Budget.partial().default({}),
})
export type InterveneParams = z.input<typeof InterveneParams>

/** `delivered`: the live run's worker was told. `queued`: the run at rest goes on. `kept`: the words wait for `cox resume`. */
export const InterveneResponse = z.object({ run: Run, effect: z.enum(['delivered', 'queued', 'ended', 'kept']) })
export type InterveneResponse = z.infer<typeof InterveneResponse>

export const AskParams = z.strictObject({ text: z.string().trim().min(1).max(4_000) })
export type AskParams = z.input<typeof AskParams>

/** How many more the run may ask. */
export const AskResponse = z.object({ left: z.number() })
export type AskResponse = z.infer<typeof AskResponse>

export const EventListResponse = z.object({ events: z.array(StoredEvent) })
export type EventListResponse = z.infer<typeof EventListResponse>

export const CleanParams = z.strictObject({
  /** Tell what would go and remove nothing. */
  isDryRun: z.boolean().default(false),
  /** Branches of cancelled and stopped runs too, whose work is nowhere else. */
  includesUnlanded: z.boolean().default(false),
})
export type CleanParams = z.input<typeof CleanParams>

/** `branches`: those of ended runs. `worktrees`: how many warm ones nobody held. */
export const CleanResponse = z.object({ branches: z.array(z.string()), worktrees: z.number() })
export type CleanResponse = z.infer<typeof CleanResponse>

export const ShutdownResponse = z.object({
  live: z.number(),
  /** Commands besides the one that leaves; an ephemeral daemon stays for them. */
  others: z.number().default(0),
})
export type ShutdownResponse = z.infer<typeof ShutdownResponse>

export const ErrorResponse = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    hint: z.string(),
    data: z.record(z.string(), z.unknown()).default({}),
  }),
})
export type ErrorResponse = z.infer<typeof ErrorResponse>

/** How a client finds the daemon of a repository: `<state>/daemon.json`, mode 0600. */
export const DaemonAddress = z.object({
  pid: z.number(),
  startedAt: z.string(),
  url: z.string(),
  /** Of the person. */
  token: z.string(),
  /** Of a worker, which may look and do nothing; older versions write none. */
  workerToken: z.string().optional(),
  version: z.string(),
  isEphemeral: z.boolean(),
})
export type DaemonAddress = z.infer<typeof DaemonAddress>

/** The socket of a run, in the home of its agent; `COXSWAIN_RUN_SOCKET` tells the agent's programs where. */
export const runSocketName = 'cox.sock'
