import { errorMessage, milliseconds, seconds, type Clock, type Logger } from '@coxswain/kernel'
import type { Client } from 'pg'
import type { Database } from '../database/database.ts'

/** Null: the connection is new, anything may have happened before it. */
export type Wake = (payload: string | null) => void

export interface Listener {
  /** Calls `wake` on each notification of the channel, and once after each new connection. Returns when listening, with the way to end it. */
  listen(channel: string, wake: Wake): Promise<() => void>
  close(): Promise<void>
}

interface State {
  readonly database: Database
  readonly clock: Clock
  readonly logger: Logger
  readonly wakes: Map<string, Set<Wake>>
  readonly stop: AbortController
  client: Client | null
  connecting: Promise<void> | null
  /** Ends when the last statement on the connection has: one at a time. */
  statements: Promise<unknown>
}

/** One dedicated connection for all channels, opened when first used and again whenever it is lost. */
export function createListener(database: Database): Listener {
  const { clock, logger } = database.options
  const state: State = {
    database,
    clock,
    logger,
    wakes: new Map(),
    stop: new AbortController(),
    client: null,
    connecting: null,
    statements: Promise.resolve(),
  }
  return {
    listen: async (channel, wake) => {
      const wakes = state.wakes.get(channel) ?? new Set()
      state.wakes.set(channel, wakes.add(wake))
      await listenOn(state, channel)
      return () => void wakes.delete(wake)
    },
    close: async () => {
      state.stop.abort(new Error('listener closed'))
      await state.connecting?.catch(() => {})
      await state.client?.end().catch(() => {})
    },
  }
}

async function listenOn(state: State, channel: string): Promise<void> {
  if (state.client === null) return ensureConnected(state)
  // A failure here is a lost connection, which is renewed with all channels.
  await execute(state, state.client, `listen ${channel}`).catch(() => ensureConnected(state))
}

function execute(state: State, client: Client, statement: string): Promise<unknown> {
  const done = state.statements.then(() => client.query(statement))
  state.statements = done.catch(() => {}) // its caller is told
  return done
}

function ensureConnected(state: State): Promise<void> {
  state.connecting ??= connectForever(state).finally(() => {
    state.connecting = null
  })
  return state.connecting
}

const longestPauseMs = 2_000

async function connectForever(state: State): Promise<void> {
  for (let pause = 50; ; pause = Math.min(pause * 2, longestPauseMs)) {
    state.stop.signal.throwIfAborted()
    try {
      return await connectOnce(state)
    } catch (error) {
      state.logger.debug('cannot listen for notifications, trying again', { error: errorMessage(error), pause })
      await state.database.revive().catch(() => {}) // reported where queries wait for it
      await state.clock.sleep(milliseconds(pause), state.stop.signal)
    }
  }
}

async function connectOnce(state: State): Promise<void> {
  const client = await state.database.connectOnce()
  client.on('notification', ({ channel, payload }) => wakeAll(state, channel, payload ?? ''))
  try {
    for (const channel of state.wakes.keys()) await execute(state, client, `listen ${channel}`)
  } catch (error) {
    await client.end().catch(() => {}) // what failed may be the connection
    throw error
  }
  state.client = client
  const endProbe = probe(state, client)
  client.once('end', () => {
    endProbe()
    if (state.client !== client) return
    state.client = null
    if (!state.stop.signal.aborted) ensureConnected(state).catch(() => {}) // only closing ends it
  })
  for (const channel of state.wakes.keys()) wakeAll(state, channel, null)
}

function wakeAll(state: State, channel: string, payload: string | null): void {
  for (const wake of state.wakes.get(channel) ?? []) wake(payload)
}

/** A connection that broke without a word would stay silent for ever: asking now and then finds out. */
function probe(state: State, client: Client): () => void {
  const stop = new AbortController()
  const run = async (): Promise<void> => {
    for (;;) {
      await state.clock.sleep(seconds(30), stop.signal)
      await execute(state, client, 'select 1')
    }
  }
  run().catch(() => client.end().catch(() => {})) // stopped, or found dead: ended either way
  return () => stop.abort()
}
