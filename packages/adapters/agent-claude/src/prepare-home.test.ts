import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keepNewerCredentials, prepareHome } from './prepare-home.ts'

let root: string
let user: string
let own: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cox-claude-home-'))
  user = join(root, 'user/.claude')
  own = join(root, 'state/claude')
  await mkdir(user, { recursive: true })
})
afterEach(() => rm(root, { recursive: true, force: true }))

const login = (expiresAt: number): string => JSON.stringify({ claudeAiOauth: { accessToken: `a${expiresAt}`, expiresAt } })

test('a session has its own folders, the login, and only the variables and settings that a login needs', async () => {
  await writeFile(join(user, '.credentials.json'), login(5))
  const settings = {
    apiKeyHelper: '/bin/key',
    env: { ANTHROPIC_LOG: 'x' },
    hooks: { Stop: [] },
    permissions: { allow: ['Bash'] },
  }
  await writeFile(join(user, 'settings.json'), JSON.stringify(settings))
  const userEnvironment = {
    HOME: join(root, 'user'),
    ANTHROPIC_BASE_URL: 'http://127.0.0.1:1',
    CLAUDE_CODE_OAUTH_TOKEN: 'token',
    CLAUDE_CODE_MAX_RETRIES: '7',
    AWS_SECRET_ACCESS_KEY: 'aws',
    GITHUB_TOKEN: 'github',
  }
  const { env, folders } = await prepareHome({
    stateDir: join(root, 'state'),
    userEnvironment,
    sessionEnvironment: { PATH: '/bin' },
  })
  const temp = join(root, 'state/tmp')
  expect(env).toEqual({
    PATH: '/bin',
    HOME: join(root, 'state/home'),
    CLAUDE_CONFIG_DIR: own,
    TMPDIR: temp,
    CLAUDE_CODE_TMPDIR: temp,
    ANTHROPIC_BASE_URL: 'http://127.0.0.1:1',
    CLAUDE_CODE_OAUTH_TOKEN: 'token',
    CLAUDE_CODE_MAX_RETRIES: '7',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    DISABLE_TELEMETRY: '1',
    DISABLE_ERROR_REPORTING: '1',
    CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
    CLAUDE_CODE_DISABLE_CRON: '1',
    CLAUDE_CODE_SHELL: '/bin/bash',
    CLAUDE_CODE_SHELL_PREFIX: join(own, 'without-keys.sh'),
  })
  expect(await readFile(join(own, 'without-keys.sh'), 'utf8')).toBe(
    '#!/bin/sh\nunset CLAUDE_CODE_OAUTH_TOKEN\nexec bash -c "$1"\n',
  )
  expect(folders).toEqual([join(root, 'state/home'), own, temp])
  expect(JSON.parse(await readFile(join(own, 'settings.json'), 'utf8'))).toEqual({
    apiKeyHelper: '/bin/key',
    env: { ANTHROPIC_LOG: 'x' },
  })
  expect(await readFile(join(own, '.credentials.json'), 'utf8')).toBe(login(5))
})

test('a cloud’s own variables come in only when Claude is told to use that cloud', async () => {
  const userEnvironment = { CLAUDE_CODE_USE_BEDROCK: '1', AWS_REGION: 'r', CLAUDE_CONFIG_DIR: user }
  const { env } = await prepareHome({ stateDir: join(root, 'state'), userEnvironment, sessionEnvironment: {} })
  expect(env).toMatchObject({ CLAUDE_CODE_USE_BEDROCK: '1', AWS_REGION: 'r' })
})

test.each([
  ['a login that was renewed in the session comes back to its user', 5, 9, 9],
  ['a login that its user renewed comes into the session', 9, 5, 9],
  ['a login that is the same stays', 5, 5, 5],
  ['a session without a login gets one', 5, null, 5],
])('%s', async (_, users, owns, both) => {
  await mkdir(own, { recursive: true })
  await writeFile(join(user, '.credentials.json'), login(users))
  if (owns !== null) await writeFile(join(own, '.credentials.json'), login(owns))
  await keepNewerCredentials(user, own)
  const logins = await Promise.all([user, own].map((folder) => readFile(join(folder, '.credentials.json'), 'utf8')))
  expect(logins.map((text): unknown => JSON.parse(text))).toEqual([JSON.parse(login(both)), JSON.parse(login(both))])
})

test('a broken copy never replaces the user’s login', async () => {
  await mkdir(own, { recursive: true })
  await writeFile(join(user, '.credentials.json'), login(5))
  await writeFile(join(own, '.credentials.json'), '{"claudeAiOauth":')
  await keepNewerCredentials(user, own)
  expect(await readFile(join(user, '.credentials.json'), 'utf8')).toBe(login(5))
})

test('a user who logged out is not logged in again by a session', async () => {
  await mkdir(own, { recursive: true })
  await writeFile(join(own, '.credentials.json'), login(5))
  await keepNewerCredentials(user, own)
  await expect(readFile(join(user, '.credentials.json'))).rejects.toMatchObject({ code: 'ENOENT' })
})

test('of a login that a command of the session wrote, tokens come back and nothing else, and what is no text is not waited for', async () => {
  await mkdir(own, { recursive: true })
  const users = {
    claudeAiOauth: { accessToken: 'a', refreshToken: 'r', expiresAt: 5, scopes: ['x'] },
    mcpOAuth: { docs: 'mine' },
  }
  const forged = {
    claudeAiOauth: { accessToken: 'b', refreshToken: 's', expiresAt: 9, scopes: ['all'], more: 1 },
    mcpOAuth: { docs: 'theirs' },
  }
  await writeFile(join(user, '.credentials.json'), JSON.stringify(users))
  await writeFile(join(own, '.credentials.json'), JSON.stringify(forged))
  await keepNewerCredentials(user, own)
  expect(JSON.parse(await readFile(join(user, '.credentials.json'), 'utf8'))).toEqual({
    claudeAiOauth: { accessToken: 'b', refreshToken: 's', expiresAt: 9, scopes: ['x'] },
    mcpOAuth: { docs: 'mine' },
  })
  const broken = { claudeAiOauth: { accessToken: 'line\nbreak', refreshToken: 's', expiresAt: 11 } }
  await writeFile(join(own, '.credentials.json'), JSON.stringify(broken))
  await keepNewerCredentials(user, own)
  expect(await readFile(join(user, '.credentials.json'), 'utf8')).toContain('"accessToken":"b"')
  // A pipe, and a link to what is the person's: it is replaced and not written through.
  await rm(join(own, '.credentials.json'))
  execFileSync('mkfifo', [join(own, '.credentials.json')])
  await keepNewerCredentials(user, own)
  await rm(join(own, '.credentials.json'))
  await writeFile(join(root, 'precious'), 'precious')
  await symlink(join(root, 'precious'), join(own, '.credentials.json'))
  await keepNewerCredentials(user, own)
  expect(await readFile(join(root, 'precious'), 'utf8')).toBe('precious')
  expect(await readFile(join(own, '.credentials.json'), 'utf8')).toContain('"accessToken":"b"')
})
