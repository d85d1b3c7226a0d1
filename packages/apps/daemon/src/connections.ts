export interface Connections {
  opened(): void
  closed(): void
  /** A command is there until it departs, whether it asks something or not. */
  arrive(): void
  depart(): void
  readonly present: number
  /** Somebody leaves and expects nobody after them: it ends as soon as nobody is connected. */
  leave(): void
  /** It has been decided that nobody needs the daemon any more. */
  readonly isOver: boolean
  close(): void
}

const patienceMs = 1_500
const firstPatienceMs = 30_000

/** Ends an ephemeral daemon when nobody is connected and nothing is going on; with null for `isIdle` nobody's leaving ends anything. */
export function createConnections(isIdle: (() => boolean) | null, finish: () => void): Connections {
  let open = 0
  let quietSince = performance.now()
  let isOver = false
  let patience = firstPatienceMs // the one who started it needs time to connect
  const look = (): void => {
    if (isIdle?.() !== true || open > 0) quietSince = performance.now()
    else if (performance.now() - quietSince >= patience) {
      isOver = true
      finish()
    }
  }
  const timer = isIdle === null ? undefined : setInterval(look, 50)
  timer?.unref()
  const opened = (): void => {
    open += 1
    patience = patienceMs
  }
  const closed = (): void => {
    open -= 1
    quietSince = performance.now()
  }
  let present = 0
  return {
    opened,
    closed,
    arrive: () => {
      present += 1
      opened()
    },
    depart: () => {
      present -= 1
      closed()
    },
    get present() {
      return present
    },
    leave: () => {
      patience = 0
    },
    get isOver() {
      return isOver
    },
    close: () => clearInterval(timer),
  }
}
