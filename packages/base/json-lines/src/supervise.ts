import { anySignal, milliseconds, type Clock, type Duration } from '@coxswain/kernel'

export interface SuperviseOptions<T> {
  readonly done: Promise<T>
  /** The program behind it has exited, or can no longer be read. */
  readonly ended: Promise<void>
  /** Changes whenever the program says something. */
  readonly activity: () => number
  /** True while the program waits for us: such silence is not its own. */
  readonly isWaitingForUs: () => boolean
  /** A function is asked at each look: a program in trouble may deserve less patience. */
  readonly idleLimit: Duration | (() => Duration)
  readonly clock: Clock
  readonly signal: AbortSignal
}

export type Supervised<T> = { readonly kind: 'done'; readonly value: T } | { readonly kind: 'ended' | 'stalled' | 'aborted' }

/** Waits for a result of a program that may also exit, fall silent or be called off. What the result says wins over an exit that follows it. */
export async function supervise<T>(options: SuperviseOptions<T>): Promise<Supervised<T>> {
  const stop = new AbortController()
  const signal = anySignal(options.signal, stop.signal)
  const aborted = Promise.withResolvers<Supervised<T>>()
  const onAbort = (): void => aborted.resolve({ kind: 'aborted' })
  if (options.signal.aborted) return { kind: 'aborted' }
  options.signal.addEventListener('abort', onAbort, { once: true })
  const done = options.done.then((value): Supervised<T> => ({ kind: 'done', value }))
  try {
    const ended = options.ended.then(() => Promise.race([done, Promise.resolve<Supervised<T>>({ kind: 'ended' })]))
    return await Promise.race([done, ended, aborted.promise, watchSilence(options, signal)])
  } finally {
    options.signal.removeEventListener('abort', onAbort)
    stop.abort()
  }
}

const looksPerLimit = 8

/** Resolves when the activity has not changed for the limit; never when the signal aborts first. */
async function watchSilence<T>(options: SuperviseOptions<T>, signal: AbortSignal): Promise<Supervised<T>> {
  const { clock } = options
  let seen = options.activity()
  let since = clock.now()
  for (;;) {
    const idleLimit = typeof options.idleLimit === 'function' ? options.idleLimit() : options.idleLimit
    const left = idleLimit - (clock.now() - since)
    if (left <= 0) return { kind: 'stalled' }
    const isOver = await clock.sleep(milliseconds(Math.min(left, idleLimit / looksPerLimit)), signal).then(
      () => false,
      () => true,
    )
    if (isOver) return new Promise(() => {})
    if (options.activity() === seen && !options.isWaitingForUs()) continue
    seen = options.activity()
    since = clock.now()
  }
}
