import { HarnessConfig } from '@coxswain/model'
import { expect, test } from 'vitest'
import { agentEnvironment, gateEnvironment, setupEnvironment } from './backends.ts'

const shell = {
  PATH: '/usr/bin',
  HOME: '/home/of/nobody',
  LANG: 'C.UTF-8',
  NODE_OPTIONS: '--max-old-space-size=4096',
  HTTPS_PROXY: 'http://ann:secret@proxy.example:3128',
  OPENAI_API_KEY: 'secret',
  GITHUB_TOKEN: 'secret',
  NPM_TOKEN: 'secret',
  PIP_TOKEN: 'secret',
  SSH_AUTH_SOCK: '/run/agent',
  PGPASSWORD: 'secret',
  COXSWAIN_DATABASE_URL: 'postgres://ann:secret@db.example/cox',
  COXSWAIN_RUN_SOCKET: '/of/another/run',
}
const base = { PATH: '/usr/bin', LANG: 'C.UTF-8', HTTPS_PROXY: 'http://proxy.example:3128' }
const tools = { ...base, HOME: '/home/of/nobody', NODE_OPTIONS: '--max-old-space-size=4096', CI: '1' }

test('AG-10 an agent sees the base and what its own entry names; each other agent does not', () => {
  const config = HarnessConfig.parse({ agents: { codex: { env: ['OPENAI_API_KEY', 'MISSING'] } } })
  expect(agentEnvironment('codex', config, shell)).toEqual({ ...base, OPENAI_API_KEY: 'secret' })
  expect(agentEnvironment('claude', config, shell)).toEqual(base)
})

test('AG-10 a gate sees no credential, and set-up those that it names, of what nobody changed', () => {
  const config = HarnessConfig.parse({ setup: { command: 'npm ci', credentials: ['NPM_TOKEN'] } })
  expect(gateEnvironment(shell)).toEqual(tools)
  expect(setupEnvironment(config, shell, 'base')).toEqual({ ...tools, NPM_TOKEN: 'secret' })
  expect(setupEnvironment(config, shell, 'change')).toEqual(tools)
  expect(setupEnvironment({ setup: null }, shell, 'base')).toEqual(tools)
})

test('no harness file lets a variable of ours through, and none of its names is a value', () => {
  const own = ['COXSWAIN_DATABASE_URL', 'COXSWAIN_RUN_SOCKET', 'PGPASSWORD', 'DBOS_SYSTEM_DATABASE_URL']
  for (const name of [...own, 'NPM_TOKEN=secret', ''])
    for (const config of [{ agents: { codex: { env: [name] } } }, { setup: { command: 'x', credentials: [name] } }])
      expect([name, HarnessConfig.safeParse(config).success]).toEqual([name, false])
  const forged = {
    ...HarnessConfig.parse({ setup: { command: 'x' } }),
    agents: { codex: { program: null, model: null, env: own } },
  }
  expect(agentEnvironment('codex', forged, shell)).toEqual(base)
})
