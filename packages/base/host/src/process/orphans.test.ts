import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sleep } from '@coxswain/kernel'
import { expect, test } from 'vitest'
import { systemClock } from '../system-clock.ts'
import { waitForOrphans } from './orphans.ts'

test('a git whose starter was killed is waited for', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'cox-orphan-'))
  try {
    const [begun, done] = [join(dir, 'begun'), join(dir, 'done')]
    const gitModule = join(import.meta.dirname, '../git/open-git.ts')
    const slow = `alias.slow=!touch ${begun}; sleep 0.5; touch ${done}; :`
    const program = `import { openGit } from ${JSON.stringify(gitModule)}; await openGit(${JSON.stringify(dir)}).run(['-c', ${JSON.stringify(slow)}, 'slow'])`
    const starter = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit' })
    while (!existsSync(begun)) await sleep(5)
    starter.kill('SIGKILL')
    await once(starter, 'exit')
    await waitForOrphans(systemClock)
    expect(existsSync(done)).toBe(true)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
})
