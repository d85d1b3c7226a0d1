import { mkdir, mkdtemp, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { namedKeys, prepareHome } from './prepare-home.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cox-codex-home-'))
  await mkdir(join(root, 'user/.codex'), { recursive: true })
})
afterEach(() => rm(root, { recursive: true, force: true }))

const config = `
model_provider = "team"
[model_providers.team]
env_key = "TEAM_KEY"
# env_key = "OLD_KEY"
[mcp_servers.docs]
bearer_token_env_var = 'DOCS_TOKEN'
inline = { name = "x", env_key = "INLINE_KEY" }
`

test('a session has its own folders, the linked login, a copy of the configuration and only the keys that codex needs', async () => {
  await writeFile(join(root, 'user/.codex/config.toml'), config)
  const user = {
    HOME: join(root, 'user'),
    TEAM_KEY: 'team',
    DOCS_TOKEN: 'docs',
    OLD_KEY: 'old',
    AWS_SECRET_ACCESS_KEY: 'aws',
    OPENAI_API_KEY: 'openai',
  }
  const stateDir = join(root, 'state')
  const env = await prepareHome({ stateDir, userEnvironment: user, sessionEnvironment: { PATH: '/bin' } })
  expect(env).toEqual({
    PATH: '/bin',
    HOME: join(stateDir, 'home'),
    CODEX_HOME: join(stateDir, 'codex'),
    TMPDIR: join(stateDir, 'tmp'),
    RUST_LOG: 'error',
    TEAM_KEY: 'team',
    DOCS_TOKEN: 'docs',
    OPENAI_API_KEY: 'openai',
  })
  expect(await readlink(join(stateDir, 'codex/auth.json'))).toBe(join(root, 'user/.codex/auth.json'))
  expect(await readFile(join(stateDir, 'codex/config.toml'), 'utf8')).toBe(config)
  expect((await stat(join(stateDir, 'codex'))).mode & 0o777).toBe(0o700)
})

test('a second opening follows the configuration; what codex wrote into its copy does not reach the user', async () => {
  const options = {
    stateDir: join(root, 'state'),
    userEnvironment: { CODEX_HOME: join(root, 'user/.codex') },
    sessionEnvironment: {},
  }
  await writeFile(join(root, 'user/.codex/config.toml'), 'model = "a"')
  await prepareHome(options)
  await writeFile(join(root, 'state/codex/config.toml'), 'trusted = true')
  expect(await readFile(join(root, 'user/.codex/config.toml'), 'utf8')).toBe('model = "a"')
  await prepareHome(options)
  expect(await readFile(join(root, 'state/codex/config.toml'), 'utf8')).toBe('model = "a"')
})

test('without a configuration no keys are named', async () => {
  expect(await namedKeys(join(root, 'missing.toml'))).toEqual([])
})

test('what a command wrote in the place of the configuration neither names variables nor leads anywhere', async () => {
  const options = {
    stateDir: join(root, 'state'),
    userEnvironment: { CODEX_HOME: join(root, 'user/.codex'), GITHUB_TOKEN: 'secret' },
    sessionEnvironment: {},
  }
  await prepareHome(options)
  const place = join(root, 'state/codex/config.toml')
  await writeFile(place, 'env_key = "GITHUB_TOKEN"')
  expect(await prepareHome(options)).not.toHaveProperty('GITHUB_TOKEN')
  expect(await readFile(place, 'utf8')).toBe('')
  await writeFile(join(root, 'user/.codex/config.toml'), 'model = "a"')
  await writeFile(join(root, 'precious'), 'precious')
  await rm(place)
  await symlink(join(root, 'precious'), place)
  await prepareHome(options)
  expect([await readFile(join(root, 'precious'), 'utf8'), await readFile(place, 'utf8')]).toEqual(['precious', 'model = "a"'])
})
