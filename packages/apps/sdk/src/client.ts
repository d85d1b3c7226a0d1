import { CoxError, errorMessage } from '@coxswain/kernel'
import { StoredEvent, type EventName, type RunId, type TaskId } from '@coxswain/model'
import {
  AskResponse,
  CleanResponse,
  DiffResponse,
  ErrorResponse,
  EventListResponse,
  InterveneResponse,
  RunListResponse,
  RunResponse,
  ShutdownResponse,
  StatusResponse,
  TaskListResponse,
  TaskResponse,
  type AddTaskParams,
  type AskParams,
  type CleanParams,
  type InterveneParams,
} from '@coxswain/protocol'
import { EventSourceParserStream } from 'eventsource-parser/stream'
import type { z } from 'zod'

export interface ClientOptions {
  readonly url: string
  readonly token: string
  /** For tests and embedding; default: the global one. */
  readonly fetch?: typeof fetch
}

export interface EventQuery {
  /** Events with a greater and with a smaller seq. */
  readonly after?: number
  readonly before?: number
  readonly run?: RunId
  readonly task?: TaskId
  readonly names?: readonly EventName[]
  /** Milliseconds since the epoch: not earlier, and earlier than. */
  readonly since?: number
  readonly until?: number
  /** Default: oldest first. */
  readonly order?: 'oldest' | 'newest'
  /** Default 500, at most 10,000. */
  readonly limit?: number
}

/** A daemon's protocol as functions. Each throws the daemon's own CoxError, or DAEMON_UNREACHABLE. */
export interface Client {
  status(): Promise<StatusResponse>
  addTask(params: AddTaskParams): Promise<TaskResponse>
  listTasks(): Promise<TaskListResponse>
  getTask(task: TaskId): Promise<TaskResponse>
  cancelTask(task: TaskId): Promise<TaskResponse>
  listRuns(): Promise<RunListResponse>
  getRun(run: RunId): Promise<RunResponse>
  getDiff(run: RunId): Promise<DiffResponse>
  intervene(run: RunId, params: InterveneParams): Promise<InterveneResponse>
  /** By the agent of that run alone: a question to its person. */
  ask(run: RunId, params: AskParams): Promise<AskResponse>
  listEvents(query: EventQuery): Promise<EventListResponse>
  /** Every event after `after`, then each new one; reconnects where it left off until the signal aborts. */
  followEvents(query: { readonly after: number; readonly run?: RunId; readonly signal: AbortSignal }): AsyncIterable<StoredEvent>
  /** Keeps an ephemeral daemon there until the signal aborts, however long nothing is asked meanwhile. */
  attend(signal: AbortSignal): Promise<void>
  /** Removes what ended runs left: their branches and the warm worktrees. */
  clean(params: CleanParams): Promise<CleanResponse>
  shutdown(): Promise<ShutdownResponse>
}

export function createClient(options: ClientOptions): Client {
  const get = <T>(path: string, schema: z.ZodType<T>): Promise<T> => call(options, { method: 'GET', path, schema })
  const post = <T>(path: string, schema: z.ZodType<T>, body: unknown = {}): Promise<T> =>
    call(options, { method: 'POST', path, schema, body })
  return {
    status: () => get('/v1/status', StatusResponse),
    addTask: (params) => post('/v1/tasks', TaskResponse, params),
    listTasks: () => get('/v1/tasks', TaskListResponse),
    getTask: (task) => get(`/v1/tasks/${encodeURIComponent(task)}`, TaskResponse),
    cancelTask: (task) => post(`/v1/tasks/${encodeURIComponent(task)}/cancel`, TaskResponse),
    listRuns: () => get('/v1/runs', RunListResponse),
    getRun: (run) => get(`/v1/runs/${encodeURIComponent(run)}`, RunResponse),
    getDiff: (run) => get(`/v1/runs/${encodeURIComponent(run)}/diff`, DiffResponse),
    intervene: (run, params) => post(`/v1/runs/${encodeURIComponent(run)}/interventions`, InterveneResponse, params),
    ask: (run, params) => post(`/v1/runs/${encodeURIComponent(run)}/questions`, AskResponse, params),
    listEvents: ({ names, ...query }) =>
      get(`/v1/events?${queryString({ ...query, names: names?.join(',') })}`, EventListResponse),
    followEvents: (query) => followEvents(options, query),
    attend: (signal) => attend(options, signal),
    clean: (params) => post('/v1/clean', CleanResponse, params),
    shutdown: () => post('/v1/shutdown', ShutdownResponse),
  }
}

interface Call<T> {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly schema: z.ZodType<T>
  readonly body?: unknown
}

async function call<T>(options: ClientOptions, { method, path, schema, body }: Call<T>): Promise<T> {
  const response = await send(options, path, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
  const text = await reach(() => response.text())
  if (!response.ok) throw toError(response.status, text)
  return schema.parse(JSON.parse(text))
}

function send({ url, token, fetch: fetchFrom = fetch }: ClientOptions, path: string, init: RequestInit): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  return reach(() => fetchFrom(`${url}${path}`, { ...init, headers }), init.signal)
}

/** A daemon that goes away may do so in the middle of an answer, too. */
async function reach<T>(ask: () => Promise<T>, signal?: AbortSignal | null): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (signal?.aborted) throw signal.reason
    throw new CoxError('DAEMON_UNREACHABLE', `The daemon does not answer: ${errorMessage(error)}`, {
      hint: 'Look at `cox status`; start it with `cox up -d`.',
      cause: error,
    })
  }
}

async function attend(options: ClientOptions, signal: AbortSignal): Promise<void> {
  const response = await send(options, '/v1/presence', { method: 'GET', signal })
  if (!response.ok) throw toError(response.status, await reach(() => response.text()))
  // Read to its end, which we or the daemon bring about: an answer that nobody reads may be taken for one that nobody wants.
  response.body?.pipeTo(new WritableStream()).catch(() => {})
}

function toError(status: number, text: string): CoxError {
  const parsed = ErrorResponse.safeParse(parseJson(text))
  if (!parsed.success)
    return new CoxError('DAEMON_ERROR', `The daemon answered ${status}: ${text.slice(0, 300)}`, {
      hint: "Look at the daemon's log: `cox status` names it.",
    })
  const { code, message, hint, data } = parsed.data.error
  return new CoxError(code, message, { hint, data })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

async function* followEvents(
  options: ClientOptions,
  query: { readonly after: number; readonly run?: RunId; readonly signal: AbortSignal },
): AsyncGenerator<StoredEvent, void, void> {
  const { signal } = query
  let cursor = query.after
  while (!signal.aborted) {
    try {
      const response = await send(
        options,
        `/v1/events/stream?${queryString({ after: cursor, ...(query.run === undefined ? {} : { run: query.run }) })}`,
        { method: 'GET', signal },
      )
      if (!response.ok || response.body === null) throw toError(response.status, await response.text())
      for await (const { data } of response.body
        .pipeThrough(new TextDecoderStream())
        .pipeThrough(new EventSourceParserStream())) {
        const event = StoredEvent.parse(JSON.parse(data))
        cursor = event.seq
        yield event
      }
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof TypeError)) throw error // a broken stream is a TypeError: go on from the cursor
    }
  }
}

function queryString(query: Readonly<Record<string, string | number | undefined>>): string {
  const entries = Object.entries(query).flatMap(([key, value]): [string, string][] =>
    value === undefined ? [] : [[key, String(value)]],
  )
  return new URLSearchParams(entries).toString()
}
