/** The language's `AsyncDisposableStack`, for a Node that has `Symbol.asyncDispose` but not yet the stack. */
export class LaterAsyncDisposableStack implements AsyncDisposableStack {
  #disposers: (() => unknown)[] = []
  #isDisposed = false

  get disposed(): boolean {
    return this.#isDisposed
  }

  use<T extends AsyncDisposable | Disposable | null | undefined>(value: T): T {
    this.#requireLive()
    if (value === null || value === undefined) return value
    const dispose: unknown = Symbol.asyncDispose in value ? value[Symbol.asyncDispose] : value[Symbol.dispose]
    if (typeof dispose !== 'function') throw new TypeError('value is not disposable')
    this.#disposers.push(() => Reflect.apply(dispose, value, []))
    return value
  }

  adopt<T>(value: T, onDispose: (value: T) => PromiseLike<void> | void): T {
    this.defer(() => onDispose(value))
    return value
  }

  defer(onDispose: () => PromiseLike<void> | void): void {
    this.#requireLive()
    this.#disposers.push(onDispose)
  }

  move(): LaterAsyncDisposableStack {
    this.#requireLive()
    const moved = new LaterAsyncDisposableStack()
    moved.#disposers = this.#disposers
    this.#disposers = []
    this.#isDisposed = true
    return moved
  }

  /** Last in, first out; every disposer runs. One error is thrown as it is, several one inside the other. */
  async disposeAsync(): Promise<void> {
    if (this.#isDisposed) return
    this.#isDisposed = true
    const errors: unknown[] = []
    for (const dispose of this.#disposers.toReversed()) {
      try {
        await dispose()
      } catch (error) {
        errors.push(error)
      }
    }
    this.#disposers = []
    if (errors.length > 0) throw errors.reduce(suppress)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.disposeAsync()
  }

  get [Symbol.toStringTag](): string {
    return 'AsyncDisposableStack'
  }

  #requireLive(): void {
    if (this.#isDisposed) throw new ReferenceError('AsyncDisposableStack already disposed')
  }
}

function suppress(suppressed: unknown, error: unknown): Error {
  const message = 'An error was suppressed during disposal'
  return Object.assign(new Error(message), { name: 'SuppressedError', error, suppressed })
}
