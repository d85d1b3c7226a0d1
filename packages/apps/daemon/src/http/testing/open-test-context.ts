import { clearSpecialFiles } from '@coxswain/sandbox'
import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createEngine } from '@coxswain/engine'
import { ensureStateFolder, openRepository, stateFolder, systemClock } from '@coxswain/host'
import { silentLogger as logger } from '@coxswain/kernel'
import { HarnessConfig } from '@coxswain/model'
import { openWorktreePool } from '@coxswain/runs'
import { openTestStore, startTestPostgres } from '@coxswain/store/testing'
import { createConnections } from '../../connections.ts'
import { openHarnesses } from '../../harnesses.ts'
import { createLiveConfig } from '../../live-config.ts'
import { createHoldings } from '../../holdings.ts'
import { createPlaces } from '../../places.ts'
import { createRunControls } from '../../run-controls.ts'
import { startScheduler } from '../../scheduler.ts'
import { newToken } from '../credentials.ts'
import type { DaemonContext } from '../daemon-context.ts'

export interface TestContext extends AsyncDisposable {
  readonly context: DaemonContext
  readonly root: string
}

/** What the doors work with, of real parts, but for a daemon that takes up no work: its engine is never launched. */
export async function openTestContext(): Promise<TestContext> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'cox-http-')))
  const cleanup = new AsyncDisposableStack()
  cleanup.defer(() => rmSync(root, { recursive: true, force: true }))
  const stopping = new AbortController()
  const place = await openPlace(root)
  const work = await openWork(place, cleanup)
  cleanup.defer(() => stopping.abort(new Error('the test ends')))
  const context: DaemonContext = {
    ...place,
    ...work,
    former: null,
    branch: 'main',
    problem: null,
    branchProblem: null,
    harnesses: openHarnesses(place.repository, place.config),
    credentials: [
      { token: newToken(), actor: { kind: 'person', name: 'ann' } },
      { token: newToken(), actor: { kind: 'worker', name: 'w' } },
    ],
    version: '1',
    isEphemeral: false,
    startedAt: systemClock.now(),
    warnings: [],
    connections: createConnections(null, () => {}),
    logger,
    requestStop: () => {},
    now: systemClock.now,
    stopping: stopping.signal,
  }
  return { context, root, [Symbol.asyncDispose]: () => cleanup.disposeAsync() }
}

type Place = Pick<DaemonContext, 'repository' | 'folder' | 'config' | 'pool'>

async function openPlace(root: string): Promise<Place> {
  const repo = join(root, 'repo')
  execFileSync('git', ['init', '-q', '-b', 'main', repo])
  const person = ['-c', 'user.name=a', '-c', 'user.email=a@example.com']
  execFileSync('git', [...person, 'commit', '-q', '--allow-empty', '-m', 'start'], { cwd: repo })
  const repository = await openRepository(repo)
  const folder = stateFolder(repository, { COXSWAIN_STATE_DIR: join(root, 'state') })
  ensureStateFolder(folder)
  const config = await createLiveConfig(repository.root, HarnessConfig.parse({ agent: 'rewriter' }), logger)
  return { repository, folder, config, pool: openWorktreePool(repository, folder.worktrees, clearSpecialFiles) }
}

type Work = Pick<DaemonContext, 'store' | 'controls' | 'scheduler'>

async function openWork({ config }: Place, cleanup: AsyncDisposableStack): Promise<Work> {
  const postgres = cleanup.use(await startTestPostgres())
  const { url } = postgres
  const store = await openTestStore(url)
  cleanup.defer(() => store.close())
  const endWork = async (): Promise<readonly number[]> => []
  const controls = createRunControls({ store, logger, onQueued: () => {}, endWork })
  const engine = await createEngine({ url, repository: randomUUID(), worker: 'w', version: '1', clock: systemClock, logger })
  cleanup.defer(() => engine.shutdown())
  const { now } = systemClock
  const places = createPlaces(config, () => {})
  const scheduler = startScheduler({
    places,
    store,
    engine,
    holdings: createHoldings(),
    config,
    isEphemeral: true,
    onRest: async () => {},
    endWork,
    now,
    logger,
  })
  cleanup.defer(() => scheduler.stop())
  // Lets nothing be taken up.
  return { store, controls, scheduler: { ...scheduler, admit: () => {} } }
}
