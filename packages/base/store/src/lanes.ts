import { randomUUID } from 'node:crypto'
import { abortable, CoxError, errorMessage, milliseconds, seconds, sleep } from '@coxswain/kernel'
import { sql } from 'kysely'
import type { Claim } from './claim.ts'
import { channelsOf } from './listen/channels.ts'
import { numberOf, type Scope } from './scope.ts'

/** One stay in a lane. */
export interface Lane {
  /** Grows whenever the lane goes to another holder, or was lost: what an earlier one still does is told apart by it. */
  readonly token: number
  /** Of the database: tokens of two databases cannot be compared. */
  readonly epoch: string
  /** Aborts with CoxError LANE_LOST before another one can be in the lane. */
  readonly signal: AbortSignal
  /** Renews lane and worker at once, where both are held still: what follows within moments is not taken over. @throws CoxError LANE_LOST, CLAIM_LOST */
  confirm(claim: Claim | null): Promise<void>
}

export interface Lanes {
  /** Waits for the lane, runs the body in it. The body must stop when its signal aborts: the caller's reason, or LANE_LOST. */
  within<T>(name: string, body: (lane: Lane) => Promise<T>, signal: AbortSignal): Promise<T>
}

/** By the database's clock. A holder that cannot renew it delays the others for so long. */
export const laneLease = seconds(8)
/** The holder stops so long before its end, by its own clock. */
const margin = seconds(2)
const renewEvery = seconds(2)
const lookAgain = seconds(1)

/** Leases among all workers on one database: one that is cut off from it loses the lane, and knows it in time. */
export function createLanes(scope: Scope): Lanes {
  const life = randomUUID()
  const queues = new Map<string, Promise<void>>()
  return {
    within: async (name, body, signal) => {
      using _turn = await waitForTurn(queues, name, signal)
      await using stay = await enter({ ...scope, name, life }, signal)
      return await body({ ...stay.lane, signal: AbortSignal.any([stay.lane.signal, signal]) })
    },
  }
}

/** Among those of this process, first come first served: one at a time asks the database. */
async function waitForTurn(queues: Map<string, Promise<void>>, name: string, signal: AbortSignal): Promise<Disposable> {
  const before = queues.get(name) ?? Promise.resolve()
  const { promise, resolve } = Promise.withResolvers<void>()
  queues.set(
    name,
    before.then(() => promise),
  )
  try {
    await abortable(before, signal)
  } catch (error) {
    resolve()
    throw error
  }
  return { [Symbol.dispose]: resolve }
}

interface Wanted extends Scope {
  readonly name: string
  readonly life: string
}

interface Place extends Wanted {
  readonly attempt: string
  readonly token: number
  readonly epoch: string
}

interface Stay extends AsyncDisposable {
  readonly lane: Lane
}

async function enter(wanted: Wanted, signal: AbortSignal): Promise<Stay> {
  const attempt = randomUUID()
  const left = new AbortController()
  const freed = await listenForFreed(wanted, left.signal)
  try {
    for (;;) {
      signal.throwIfAborted()
      const sentAt = performance.now()
      const place = await take(wanted, attempt)
      if (place !== null) return stayIn({ ...wanted, attempt, ...place }, sentAt)
      await freed.next(signal)
    }
  } finally {
    left.abort()
  }
}

/** The same attempt again finds what it took. After a stay that was given back in order its holder's token is as good as before. */
async function take(
  { database, repository, name, life }: Wanted,
  attempt: string,
): Promise<{ readonly token: number; readonly epoch: string } | null> {
  const isMine = sql`lanes.attempt = ${attempt} or (lanes.holder = ${life} and lanes.until is null)`
  const { rows } = await database.single((queries) =>
    sql<{ token: number; epoch: string }>`
      insert into coxswain.lanes as lanes (repository, name, holder, attempt, token, until)
      values (${repository}, ${name}, ${life}, ${attempt}, 1, now() + ${inSeconds(laneLease)})
      on conflict (repository, name) do update set
        token = lanes.token + case when ${isMine} then 0 else 1 end,
        holder = excluded.holder, attempt = excluded.attempt, until = excluded.until
      where lanes.until is null or lanes.until < now() or lanes.attempt = excluded.attempt
      returning token, epoch`.execute(queries),
  )
  return rows[0] ?? null
}

function inSeconds(duration: number) {
  return sql`make_interval(secs => ${duration / 1_000})`
}

function stayIn(place: Place, sentAt: number): Stay {
  const lost = new AbortController()
  const left = new AbortController()
  let until = sentAt + laneLease - margin
  const renewed = (at: number): void => {
    until = Math.max(until, at + laneLease - margin)
  }
  const lose = (): void => lost.abort(laneLost(place.name))
  const isOver = (): boolean => lost.signal.aborted || left.signal.aborted
  const watch = async (): Promise<void> => {
    for (let now = performance.now(); !isOver() && now < until; now = performance.now())
      await sleep(milliseconds(until - now), left.signal).catch(() => {})
    if (!left.signal.aborted) lose()
  }
  const keepRenewing = async (): Promise<void> => {
    while (!isOver()) {
      await sleep(renewEvery, left.signal).catch(() => {})
      if (isOver()) return
      const at = performance.now()
      const isHeld = await renew(place, null).catch((error: unknown) => {
        place.logger.debug('the lane was not renewed', { lane: place.name, error: errorMessage(error) })
        return null
      })
      if (isHeld === true) renewed(at)
      if (isHeld === false) lose()
    }
  }
  void watch()
  void keepRenewing()
  return {
    lane: {
      token: place.token,
      epoch: place.epoch,
      signal: lost.signal,
      confirm: (claim) => confirm(place, { claim, lost: lost.signal, renewed, lose }),
    },
    [Symbol.asyncDispose]: async () => {
      left.abort()
      await giveBack(place).catch((error: unknown) =>
        // Its lease ends by itself.
        place.logger.debug('the lane was not given back', { lane: place.name, error: errorMessage(error) }),
      )
    },
  }
}

interface Confirmation {
  readonly claim: Claim | null
  readonly lost: AbortSignal
  readonly renewed: (at: number) => void
  readonly lose: () => void
}

async function confirm(place: Place, { claim, lost, renewed, lose }: Confirmation): Promise<void> {
  lost.throwIfAborted()
  const at = performance.now()
  const isHeld = await abortable(renew(place, claim), lost)
  if (!isHeld) {
    lose()
    lost.throwIfAborted()
  }
  renewed(at)
  // The answer may have come late, and more than it takes to move a branch must be left.
  if (performance.now() - at > laneLease - 2 * margin) lose()
  lost.throwIfAborted()
}

/** With a claim also that is looked at, and the worker's sign of life renewed. */
async function renew({ database, repository, workerId, name, attempt, token }: Place, claim: Claim | null): Promise<boolean> {
  const isClaimed =
    claim === null
      ? sql`true`
      : sql`exists (select from coxswain.runs where repository = ${repository} and number = ${numberOf(claim.run)}
          and worker = ${workerId} and token = ${claim.token})`
  const { rows } = await database.single((queries) =>
    sql`
      with lane as (
        update coxswain.lanes set until = now() + ${inSeconds(laneLease)}
        where repository = ${repository} and name = ${name} and attempt = ${attempt} and token = ${token} and until is not null
          and ${isClaimed}
        returning token
      ), beat as (
        update coxswain.workers set beat_at = now()
        where repository = ${repository} and id = ${workerId} and ${claim !== null}::boolean and exists (select from lane)
      )
      select token from lane`.execute(queries),
  )
  return rows.length > 0
}

async function giveBack({ database, repository, name, attempt, token }: Place): Promise<void> {
  await database.single((queries) =>
    sql`
      with lane as (
        update coxswain.lanes set until = null
        where repository = ${repository} and name = ${name} and attempt = ${attempt} and token = ${token}
        returning token
      )
      select pg_notify(${channelsOf(repository).lanes}, ${name}) from lane`.execute(queries),
  )
}

interface Freed {
  /** When the lane may be free. */
  next(signal: AbortSignal): Promise<void>
}

/** A notification that is missed costs a second. */
async function listenForFreed({ listener, repository, name, logger }: Wanted, signal: AbortSignal): Promise<Freed> {
  let isFreed = false
  let wake: () => void = () => {}
  const onNotice = (payload: string | null): void => {
    if (payload !== null && payload !== name) return
    isFreed = true
    wake()
  }
  const listening = listener.listen(channelsOf(repository).lanes, onNotice)
  listening
    .then((stop) => (signal.aborted ? stop() : signal.addEventListener('abort', stop, { once: true })))
    .catch((error: unknown) => logger.debug('nobody tells when the lane is free', { error: errorMessage(error) }))
  return {
    next: async (waiting) => {
      const woken = new AbortController()
      wake = () => woken.abort()
      if (!isFreed) await sleep(lookAgain, AbortSignal.any([woken.signal, waiting])).catch(() => {}) // it is free, or nobody waits any more
      isFreed = false
    },
  }
}

function laneLost(name: string): CoxError {
  return new CoxError(
    'LANE_LOST',
    `The lane "${name}" could not be kept: the database did not answer in time, or it went to another worker`,
    {
      hint: 'Run the same step again; it takes the lane anew.',
      data: { lane: name },
    },
  )
}
