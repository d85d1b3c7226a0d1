import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createLogger } from './create-logger.ts'

test('lines are JSON, without what credentials are called', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cox-log-'))
  const file = join(folder, 'below/daemon.log')
  createLogger(file).warn('it happened', { run: 'r1', token: 'secret', nested: { password: 'secret' } })
  const line: unknown = JSON.parse(await readFile(file, 'utf8'))
  expect(line).toEqual({
    level: 40,
    time: expect.any(String),
    run: 'r1',
    token: '[redacted]',
    nested: { password: '[redacted]' },
    msg: 'it happened',
  })
  await rm(folder, { recursive: true })
})

test('a full disk costs the line and nothing else', () => {
  const full = existsSync('/dev/full') ? '/dev/full' : '/dev/null'
  const logger = createLogger(full)
  expect(() => [1, 2, 3].forEach((count) => logger.error('it happened', { count }))).not.toThrow()
})
