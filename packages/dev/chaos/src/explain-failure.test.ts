import { expect, test } from 'vitest'
import { explainFailure } from './explain-failure.ts'

test('a failed start is explained only by kills of what it needs, while it needed it', () => {
  const failure = { code: 'DAEMON_FAILED', message: '', pid: 7, from: 100, to: 200 }
  const kill = { pid: 9, kind: 'backend', at: 150, isOfDatabase: true } as const
  const agent = { pid: 8, kind: 'agent', at: 150, isOfDatabase: false } as const
  expect([
    explainFailure(failure, [agent, kill, { ...agent, kind: 'daemon', pid: 7 }]),
    explainFailure(failure, [agent, kill]),
    explainFailure(failure, [agent, { ...kill, at: 99 }, { ...kill, at: 201 }]),
    explainFailure({ ...failure, pid: null }, []),
    explainFailure({ ...failure, code: 'DAEMON_RUNNING' }, [{ ...agent, kind: 'stop', at: 50 }]),
    explainFailure({ ...failure, code: 'DAEMON_RUNNING' }, [agent]),
  ]).toEqual(['killed', 'database-killed', 'itself', 'itself', 'stopping', 'itself'])
})
