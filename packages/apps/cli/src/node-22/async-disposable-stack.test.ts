import { describe, expect, test } from 'vitest'
import { LaterAsyncDisposableStack } from './async-disposable-stack.ts'

describe.each([
  ['the language’s own', AsyncDisposableStack],
  ['ours', LaterAsyncDisposableStack],
])('%s', (_name, Stack) => {
  test('disposes last in, first out, waiting for each, once', async () => {
    const seen: string[] = []
    const stack = new Stack()
    stack.defer(async () => {
      await Promise.resolve()
      seen.push('deferred')
    })
    stack.adopt('adopted', (value) => void seen.push(value))
    stack.use({ [Symbol.dispose]: () => void seen.push('sync') })
    stack.use({ [Symbol.asyncDispose]: async () => void seen.push('async') })
    expect(stack.use(null)).toBeNull()
    expect(stack.disposed).toBe(false)
    await stack.disposeAsync()
    await stack[Symbol.asyncDispose]()
    expect(seen).toEqual(['async', 'sync', 'adopted', 'deferred'])
    expect(stack.disposed).toBe(true)
  })

  test('runs every disposer and nests what they throw', async () => {
    const stack = new Stack()
    const [first, second] = [new Error('first'), new Error('second')]
    stack.defer(() => Promise.reject(second))
    stack.defer(() => {
      throw first
    })
    await expect(stack.disposeAsync()).rejects.toMatchObject({ name: 'SuppressedError', error: second, suppressed: first })
  })

  test('one error is thrown as it is', async () => {
    const stack = new Stack()
    const only = new Error('only')
    stack.defer(() => Promise.reject(only))
    await expect(stack.disposeAsync()).rejects.toBe(only)
  })

  test('what was moved is disposed by its new owner only', async () => {
    const seen: string[] = []
    const stack = new Stack()
    stack.defer(() => void seen.push('moved'))
    const moved = stack.move()
    await stack.disposeAsync()
    expect(seen).toEqual([])
    expect(() => stack.defer(() => {})).toThrow(ReferenceError)
    await moved.disposeAsync()
    expect(seen).toEqual(['moved'])
  })
})
