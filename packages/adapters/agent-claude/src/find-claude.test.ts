import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createClaudeBackend } from './create-claude-backend.ts'
import { isTooOld } from './find-claude.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cox-find-claude-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

const options = { environment: {}, signal: new AbortController().signal }

test('a probe tells what is missing instead of throwing', async () => {
  const backend = createClaudeBackend({ environment: { PATH: root }, sandbox: 'none' })
  expect(await backend.probe(options)).toEqual({
    program: null,
    version: null,
    login: 'unknown',
    sandbox: 'none',
    problems: [
      'The program claude is not installed. Install it with `npm install --global @anthropic-ai/claude-code`, or set its path in the configuration.',
    ],
  })
})

test('a probe tells an old version and a missing login', async () => {
  const program = join(root, 'claude')
  await writeFile(program, '#!/bin/sh\necho "2.0.1 (Claude Code)"\n', { mode: 0o755 })
  const backend = createClaudeBackend({ environment: { PATH: root }, sandbox: 'none' })
  expect(await backend.probe(options)).toEqual({
    program,
    version: '2.0.1',
    login: 'no',
    sandbox: 'none',
    problems: [
      'claude 2.0.1 is too old: install 2.1.330 or newer.',
      'claude is not logged in: run `claude` once, or `claude setup-token` and set CLAUDE_CODE_OAUTH_TOKEN, or set ANTHROPIC_API_KEY.',
    ],
  })
})

test('a key in the environment is a login', async () => {
  await writeFile(join(root, 'claude'), '#!/bin/sh\necho "2.1.330 (Claude Code)"\n', { mode: 0o755 })
  const backend = createClaudeBackend({ environment: { PATH: root, ANTHROPIC_API_KEY: 'x' }, sandbox: 'none' })
  expect(await backend.probe(options)).toMatchObject({ login: 'yes', problems: [] })
})

test.each([
  ['2.1.329', true],
  ['2.1.330', false],
  ['3.0.0', false],
])('%s is too old: %s', (version, expected) => {
  expect(isTooOld(version)).toBe(expected)
})
