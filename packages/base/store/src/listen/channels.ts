import { createHash } from 'node:crypto'

export interface Channels {
  readonly events: string
  readonly interventions: string
  readonly lanes: string
}

/** Names of a repository's notification channels; a repository's own name may be too long for one. */
export function channelsOf(repository: string): Channels {
  const id = createHash('sha256').update(repository).digest('hex').slice(0, 16)
  return { events: `coxswain_events_${id}`, interventions: `coxswain_interventions_${id}`, lanes: `coxswain_lanes_${id}` }
}
