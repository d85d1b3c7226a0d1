import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isOwnVariable, scrubEnvironment } from './environment.ts'

/** What a developer's shell may hold. */
const shell = {
  PATH: '/usr/bin',
  HOME: '/home/ann',
  LANG: 'C.UTF-8',
  LC_ALL: 'C.UTF-8',
  TERM: 'xterm',
  USER: 'ann',
  HTTPS_PROXY: 'http://proxy.example:3128',
  OPENAI_API_KEY: 'sk-secret',
  ANTHROPIC_API_KEY: 'secret',
  GITHUB_TOKEN: 'secret',
  NPM_TOKEN: 'secret',
  NODE_AUTH_TOKEN: 'secret',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_PROFILE: 'prod',
  GOOGLE_APPLICATION_CREDENTIALS: '/home/ann/key.json',
  SSH_AUTH_SOCK: '/run/ssh-agent',
  DBUS_SESSION_BUS_ADDRESS: 'unix:path=/run/bus',
  DOCKER_HOST: 'unix:///var/run/docker.sock',
  KUBECONFIG: '/home/ann/.kube/config',
  npm_config__authToken: 'secret',
  npm_config_registry: 'http://ann:secret@registry.example',
  PIP_INDEX_URL: 'http://ann:secret@pypi.example',
  COXSWAIN_DATABASE_URL: 'postgres://ann:secret@db.example/cox',
  COXSWAIN_STATE_DIR: '/home/ann/state',
  PGPASSWORD: 'secret',
  PGHOST: 'db.example',
  PGSERVICEFILE: '/home/ann/.pg_service.conf',
  DBOS_SYSTEM_DATABASE_URL: 'postgres://ann:secret@db.example/cox',
  BASH_ENV: '/home/ann/.bashrc',
  LD_PRELOAD: '/home/ann/lib.so',
}

test('of a whole shell only what says where things are is passed', () => {
  expect(scrubEnvironment(shell)).toEqual({
    PATH: '/usr/bin',
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    TERM: 'xterm',
    USER: 'ann',
    HTTPS_PROXY: 'http://proxy.example:3128',
  })
})

test('a name that is let through passes, and the names that are ours never do', () => {
  const named = Object.keys(shell)
  const passed = scrubEnvironment(shell, named)
  expect(named.filter((name) => !(name in passed))).toEqual([
    'COXSWAIN_DATABASE_URL',
    'COXSWAIN_STATE_DIR',
    'PGPASSWORD',
    'PGHOST',
    'PGSERVICEFILE',
    'DBOS_SYSTEM_DATABASE_URL',
  ])
  expect(passed['OPENAI_API_KEY']).toBe('sk-secret')
})

test.each([
  ['http://ann:secret@proxy.example:3128', 'http://proxy.example:3128'],
  ['http://ann:se@cret@proxy.example/', 'http://proxy.example/'],
  ['http://secret@proxy.example', 'http://proxy.example'],
  ['ann:secret@proxy.example:3128', 'proxy.example:3128'],
  ['socks5h://ann:secret@[::1]:9', 'socks5h://[::1]:9'],
  ['proxy.example:3128', 'proxy.example:3128'],
  ['', ''],
])('a proxy loses its login: %s', (given, left) => {
  for (const name of ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'])
    expect([scrubEnvironment({ [name]: given }), scrubEnvironment({ [name]: given }, [name])]).toEqual([
      { [name]: left },
      { [name]: given },
    ])
})

test('of names that nobody thought of none passes', () => {
  const name = fc.string({ minLength: 1, maxLength: 30, unit: fc.constantFrom(...'ABCLTPHS_abcpx0'.split('')) })
  const known = /^(?:PATH|LANG|LANGUAGE|LC_[A-Z]+|TERM|TZ|USER|LOGNAME|SHELL)$/
  fc.assert(
    fc.property(name, (text) => {
      expect(scrubEnvironment({ [text]: 'secret' })).toEqual(known.test(text) ? { [text]: 'secret' } : {})
      expect(isOwnVariable(`COXSWAIN_${text}`)).toBe(true)
      expect(scrubEnvironment({ [`COXSWAIN_${text}`]: 'secret' }, [`COXSWAIN_${text}`])).toEqual({})
    }),
  )
})
