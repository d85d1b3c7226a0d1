import { LaterAsyncDisposableStack } from './async-disposable-stack.ts'

/** The published package runs on Node 22, which lacks this; from Node 24 on the language's own is used. */
export function installMissing(): void {
  if (!('AsyncDisposableStack' in globalThis)) Object.assign(globalThis, { AsyncDisposableStack: LaterAsyncDisposableStack })
}
