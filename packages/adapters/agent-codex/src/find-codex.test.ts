import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createCodexBackend } from './create-codex-backend.ts'
import { findCodex, isTooOld } from './find-codex.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cox-find-codex-'))
  await mkdir(join(root, 'bin'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

async function writeProgram(path: string): Promise<string> {
  await mkdir(join(path, '..'), { recursive: true })
  await writeFile(path, '#!/bin/sh\necho codex-cli 0.42.0\n', { mode: 0o755 })
  return path
}

test('the native binary behind the script of npm is found', async () => {
  const script = await writeProgram(join(root, 'node_modules/@openai/codex/bin/codex.js'))
  await symlink(script, join(root, 'bin/codex'))
  const triple = process.arch === 'arm64' ? 'aarch64' : 'x86_64'
  const os = process.platform === 'darwin' ? 'apple-darwin' : 'unknown-linux-musl'
  const inPackage = `codex-${process.platform}-${process.arch}/vendor/${triple}-${os}/bin/codex`
  const native = await writeProgram(join(root, 'node_modules/@openai', inPackage))
  expect(await findCodex(null, { PATH: join(root, 'bin') })).toBe(native)
})

test('a program that is no script of npm is taken as it is', async () => {
  const program = await writeProgram(join(root, 'bin/codex'))
  expect(await findCodex(null, { PATH: join(root, 'bin') })).toBe(program)
})

test('a missing program says how to get it', async () => {
  await expect(findCodex(null, { PATH: join(root, 'bin') })).rejects.toMatchObject({
    code: 'AGENT_NOT_INSTALLED',
    data: { program: 'codex' },
  })
})

test('a probe tells what is missing instead of throwing', async () => {
  const options = { environment: {}, signal: new AbortController().signal }
  const missing = await createCodexBackend({ environment: { PATH: join(root, 'bin') } }).probe(options)
  expect(missing).toEqual({
    program: null,
    version: null,
    login: 'unknown',
    sandbox: 'own',
    problems: [
      'The program codex is not installed. Install it with `npm install --global @openai/codex`, or set its path in the configuration.',
    ],
  })
  const program = await writeProgram(join(root, 'bin/codex'))
  expect(await createCodexBackend({ environment: { PATH: join(root, 'bin') } }).probe(options)).toEqual({
    program,
    version: '0.42.0',
    login: 'no',
    sandbox: 'own',
    problems: [
      'codex 0.42.0 is too old: install 0.169.0 or newer.',
      'codex is not logged in: run `codex login`, or configure a model provider with an env_key that is set.',
    ],
  })
})

test.each([
  ['0.168.9', true],
  ['0.169.0', false],
  ['0.169.0-alpha.1', false],
  ['1.0.0', false],
])('%s is too old: %s', (version, expected) => {
  expect(isTooOld(version)).toBe(expected)
})
