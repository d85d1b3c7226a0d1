import { expect, test } from 'vitest'
import { seatbeltCommand } from './seatbelt.ts'

/** Only what is written down: no machine with macOS has run it. */
test('a plan becomes a profile whose later rules win', () => {
  const steps = [
    { kind: 'hide', path: '/Users/ann' },
    { kind: 'show', path: '/Users/ann/.nvm', source: '/Users/ann/.nvm' },
    { kind: 'open', path: '/Users/ann/state/"1"', source: '/Users/ann/state/"1"' },
    { kind: 'show', path: '/srv/socket', source: '/cache/empty' },
  ] as const
  const plan = { command: ['npm', 'test'], cwd: '/', steps, network: 'none', user: 'same', variables: { A: 'b' } } as const
  const [program, flag, profile, ...rest] = seatbeltCommand('/usr/bin/sandbox-exec', plan)
  expect([program, flag, ...rest]).toEqual(['/usr/bin/sandbox-exec', '-p', '/usr/bin/env', 'A=b', 'npm', 'test'])
  expect(profile?.split('\n').slice(7)).toEqual([
    '(deny network-outbound (remote unix-socket))',
    '(deny network*)',
    '(deny file-read* file-write* (subpath "/Users/ann"))',
    '(allow file-read-metadata (subpath "/Users/ann"))',
    '(allow file-read* (subpath "/Users/ann/.nvm"))',
    '(deny file-write* (subpath "/Users/ann/.nvm"))',
    '(allow file-read* file-write* (subpath "/Users/ann/state/\\"1\\""))',
    '(deny file-read* (subpath "/srv/socket"))',
  ])
})
