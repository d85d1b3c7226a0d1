import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createConnection, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { askService } from '../client.ts'
import { serveChecks, type CheckServer } from './serve-checks.ts'
import { serviceFolder } from './socket-path.ts'

let root = ''
let server: CheckServer | null = null

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cox-serve-'))
  mkdirSync(join(root, 'harness'))
  mkdirSync(join(root, 'src'))
  writeFileSync(join(root, 'package.json'), '{ "name": "one", "main": "src/a.ts" }')
  writeFileSync(join(root, 'harness/checks.yaml'), 'rules: { structured-logging: error }\n')
  writeFileSync(join(root, 'src/a.ts'), 'export const a = 1\n')
})

afterEach(async () => {
  await server?.close()
  server = null
  rmSync(serviceFolder(root) ?? '', { recursive: true, force: true })
  rmSync(root, { recursive: true, force: true })
})

it('answers what is true at the moment it is asked, for the paths that were named', async () => {
  server = await serveChecks(root)
  expect(await askService({ cwd: root, paths: [], format: 'text' })).toEqual({
    exitCode: 0,
    output: expect.stringMatching(/^checked 1 file, \d+ rules: clean\n$/),
  })
  writeFileSync(join(root, 'src/a.ts'), "export const a = 1\nconsole.log('x')\n")
  const answer = await askService({ cwd: join(root, 'src'), paths: ['a.ts'], format: 'json' })
  expect({ exitCode: answer?.exitCode, report: JSON.parse(answer?.output ?? '') }).toMatchObject({
    exitCode: 1,
    report: { counts: { 'structured-logging': 1 }, cache: { service: true } },
  })
  expect(await askService({ cwd: root, paths: ['harness'], format: 'text' })).toMatchObject({ exitCode: 0 })
})

it('keeps everybody else out: folder, parent and socket', async () => {
  server = await serveChecks(root)
  const folder = dirname(server.socket)
  const modes = [dirname(folder), folder, server.socket].map((path) => (statSync(path).mode & 0o777).toString(8))
  expect(modes).toEqual(['700', '700', '600'])
})

it('is not asked where others could answer in its place', async () => {
  const folder = serviceFolder(root) ?? ''
  mkdirSync(folder, { recursive: true })
  chmodSync(folder, 0o777)
  const impostor = createServer((socket) => socket.end('0\nall is well\n'))
  await new Promise<void>((resolve) => void impostor.listen(join(folder, 'socket'), resolve))
  try {
    expect(await askService({ cwd: root, paths: [], format: 'text' })).toBe(null)
    await expect(serveChecks(root)).rejects.toMatchObject({ code: 'SERVICE_FOLDER_SHARED' })
  } finally {
    await new Promise((resolve) => impostor.close(resolve))
  }
})

it('runs once for a repository, and leaves nothing behind', async () => {
  server = await serveChecks(root)
  await expect(serveChecks(join(root, 'src'))).rejects.toMatchObject({ code: 'SERVICE_RUNNING' })
  const folder = dirname(server.socket)
  await server.close()
  server = null
  expect(existsSync(folder)).toBe(false)
  expect(await askService({ cwd: root, paths: [], format: 'text' })).toBe(null)
})

it('takes the place of one that was killed', async () => {
  const folder = serviceFolder(root) ?? ''
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(join(folder, 'socket'), '')
  expect(await askService({ cwd: root, paths: [], format: 'text' })).toBe(null)
  server = await serveChecks(root)
  expect(await askService({ cwd: root, paths: [], format: 'text' })).toMatchObject({ exitCode: 0 })
})

it.each([
  ['no question at all', ''],
  ['bytes', Buffer.from([0, 255, 10, 13, 0, 10])],
  ['other JSON', '{"cwd":1}\n'],
  ['half a question', '{"cwd":"'],
  ['a folder that is not there', '{"cwd":"/no/such/folder","paths":[],"format":"text"}\n'],
  ['a question without end', 'x'.repeat(2 * 1024 * 1024)],
])('goes on after %s', async (_, sent) => {
  server = await serveChecks(root)
  const heard = await send(server.socket, sent)
  expect(heard === '' || heard.startsWith('2\n')).toBe(true)
  expect(await askService({ cwd: root, paths: [], format: 'text' })).toMatchObject({ exitCode: 0 })
})

it('goes on after clients that vanish, and closes while some are silent', async () => {
  server = await serveChecks(root)
  for (let at = 0; at < 20; at++) {
    const socket = createConnection(server.socket)
    socket.write(`${JSON.stringify({ cwd: root, paths: [], format: 'json' })}\n`)
    socket.destroy()
  }
  const silent = createConnection(server.socket)
  silent.on('error', () => {})
  await new Promise<void>((resolve) => silent.once('connect', resolve))
  expect(await askService({ cwd: root, paths: [], format: 'text' })).toMatchObject({ exitCode: 0 })
  const closed = new Promise<void>((resolve) => silent.once('close', resolve))
  await server.close()
  server = null
  await closed
})

it('a folder that does not exist is nobody’s', async () => {
  expect(await askService({ cwd: join(root, 'gone'), paths: [], format: 'text' })).toBe(null)
})

/** What comes back until the connection ends, in whatever way. */
function send(path: string, sent: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = createConnection(path)
    let heard = ''
    socket.on('data', (part) => (heard += part.toString('utf8')))
    socket.on('error', () => {})
    socket.on('close', () => resolve(heard))
    socket.end(sent)
  })
}
