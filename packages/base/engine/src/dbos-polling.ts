import { INTERNAL_QUEUE_NAME } from '@dbos-inc/dbos-sdk/internal/utils'
import { workflowTimeoutConfig } from '@dbos-inc/dbos-sdk/internal/workflow_management'
import { registerInternalQueue, wfQueueRunner } from '@dbos-inc/dbos-sdk/internal/wfqueue'

/** For what DBOS asks the database each second and we have no use for: delayed and timed out workflows, schedules, queues of others. */
export const rarelyMs = 12 * 3_600_000
const oftenMs = 1_000

/** Makes the given queue the only one that an idle process asks for: it costs a third of what DBOS polls by default. Before launch. */
export function listenToOneQueue(name: string): void {
  registerInternalQueue(INTERNAL_QUEUE_NAME, { minPollingIntervalMs: rarelyMs })
  registerInternalQueue(name, { minPollingIntervalMs: oftenMs })
  workflowTimeoutConfig.pollingIntervalMs = rarelyMs
  Object.assign(wfQueueRunner.constructor, { reconcileIntervalMs: rarelyMs, transitionIntervalMs: rarelyMs })
}
