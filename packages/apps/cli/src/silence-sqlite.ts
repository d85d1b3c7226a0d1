import process from 'node:process'

/** Node calls its SQLite experimental at every start; nobody who runs `cox` can do anything about it. Other warnings are shown as ever. */
export function silenceSqlite(): void {
  const listeners = process.listeners('warning')
  process.removeAllListeners('warning')
  process.on('warning', (warning) => {
    if (warning.name === 'ExperimentalWarning' && warning.message.startsWith('SQLite ')) return
    for (const listener of listeners) listener(warning)
  })
}
