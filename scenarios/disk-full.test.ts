import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createWorld, ended, until } from './world.ts'

/* Capabilities: R2. A full disk under worktrees and database: the run waits, says why, and nothing is lost when there is room again. */

test('a disk that is full is waited for, and the run lands when there is room', async () => {
  await using world = await createWorld({
    script: {
      fill: [
        [
          { do: 'write', path: 'work.txt', content: 'work\n' },
          {
            do: 'run',
            command: [
              'sh',
              '-c',
              'test -e "$HOME/filled" || { touch "$HOME/filled"; dd if=/dev/zero of="$HOME/ballast" bs=1M count=200; }',
            ],
          },
        ],
      ],
    },
  })
  await mkdir(world.stateDir)
  // A file system of its own, 64 MB small, seen by this process and those that enter it.
  const isRoot = process.getuid?.() === 0
  const script = 'mount -t tmpfs -o size=64m,mode=755 tmpfs "$1" && echo mounted && exec sleep 600'
  const holder = spawn('unshare', [isRoot ? '-m' : '-rm', 'sh', '-c', script, 'sh', world.stateDir], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const end = ended(holder)
  try {
    const isMounted = await Promise.race([
      new Promise<boolean>((resolve) => holder.stdout.once('data', () => resolve(true))),
      end.then(() => false),
    ])
    if (!isMounted) {
      // Where nobody may mount, there is no small disk to fill.
      expect((await end).stderr).toMatch(/not permitted|denied|not found/i)
      return
    }
    const enter = [
      '-t',
      String(holder.pid),
      '-m',
      ...(isRoot ? [] : ['-U', '--preserve-credentials']),
      `--wd=${world.repo}`,
      '--',
    ]
    const small = `/proc/${holder.pid}/root${world.stateDir}`
    const run = ended(
      spawn('nsenter', [...enter, ...world.command('run', '[scenario:fill] do it', '--land', '--json')], {
        env: world.env,
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    )
    const state = (): string => join(small, readdirSync(small).find((name) => name.startsWith('repo-')) ?? '')
    const isFull = (): boolean =>
      existsSync(join(state(), 'daemon.log')) && readFileSync(join(state(), 'daemon.log'), 'utf8').includes('the disk is full')
    await until(isFull, 'the disk is full')
    rmSync(join(state(), 'runs/r1/session-1/home/ballast'))
    // The agent's own files found no space either: its turn may have failed, and is gone on with.
    const { code, stdout } = await run
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { outcome: 'landed' }])
    expect(world.git('show', 'main:work.txt')).toBe('work')
  } finally {
    holder.kill('SIGKILL')
    await end
  }
})
