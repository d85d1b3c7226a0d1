import { randomUUID } from 'node:crypto'
import { DBOSExecutor } from '@dbos-inc/dbos-sdk/internal/dbos-executor'
import { globalParams, INTERNAL_QUEUE_NAME } from '@dbos-inc/dbos-sdk/internal/utils'
import { workflowTimeoutConfig } from '@dbos-inc/dbos-sdk/internal/workflow_management'
import { registerInternalQueue, wfQueueRunner } from '@dbos-inc/dbos-sdk/internal/wfqueue'

/** For what DBOS asks the database each second and we have no use for: delayed and timed out workflows, schedules, queues of others. */
export const rarelyMs = 12 * 3_600_000
/** Who puts something into a queue asks for it: this is for what an outage came between. */
const oftenMs = 5_000

/** Makes the given queue the only one that an idle process asks for: it costs a fraction of what DBOS polls by default. Before launch. */
export function listenToOneQueue(name: string): void {
  registerInternalQueue(INTERNAL_QUEUE_NAME, { minPollingIntervalMs: rarelyMs })
  registerInternalQueue(name, { minPollingIntervalMs: oftenMs })
  workflowTimeoutConfig.pollingIntervalMs = rarelyMs
  Object.assign(wfQueueRunner.constructor, { reconcileIntervalMs: rarelyMs, transitionIntervalMs: rarelyMs })
}

/** Starts now what waits in the queue. */
export async function askQueue(name: string): Promise<void> {
  const executor = DBOSExecutor.globalInstance
  const queue = wfQueueRunner.getInternalQueue(name)
  if (executor === undefined || queue === undefined) return
  const owner = randomUUID()
  const { executorID, systemDatabase } = executor
  const claimed = await systemDatabase.findAndMarkStartableWorkflows(
    queue,
    executorID,
    globalParams.appVersion,
    undefined,
    0,
    0,
    owner,
  )
  await executor.dispatchDequeuedWorkflows(claimed, owner)
}
