import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { milliseconds } from '@coxswain/kernel'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readEnvironment } from '../environment.ts'
import { attachDetached, startDetached, stopDetachedBelow, type DetachedOptions, type DetachedProcess } from './detached.ts'
import { maxLineBytes } from './follow-lines.ts'
import { isGroupAlive } from './process-group.ts'
import { runCommand } from './run-command.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cox detached '))
})
afterEach(async () => {
  await (await attachDetached(join(folder, 'p')))?.stop({ grace: milliseconds(0) })
  await rm(folder, { recursive: true, force: true })
})

const never = new AbortController().signal

function options(command: readonly string[], input: 'lines' | 'none' = 'none'): DetachedOptions {
  return { dir: join(folder, 'p'), key: 'k', command, cwd: folder, env: readEnvironment(), input }
}

async function collect(process: DetachedProcess, count = Infinity): Promise<unknown[]> {
  const lines: unknown[] = []
  const stop = new AbortController()
  for await (const line of process.lines(stop.signal)) {
    lines.push(line.kind === 'line' ? line.text : line)
    if (lines.length >= count) stop.abort()
  }
  return lines
}

test('output, exit code and standard error of a process are kept in its folder', async () => {
  const process = await startDetached(options(['sh', '-c', 'echo one; printf "two\\r\\nlast"; echo oops >&2; exit 7']))
  expect(await collect(process)).toEqual(['one', 'two', 'last'])
  expect(await process.exited(never)).toEqual({ exitCode: 7 })
  expect(await process.stderrTail(100)).toBe('oops\n')
  expect(process.isAlive()).toBe(false)
})

test('arguments reach the program untouched', async () => {
  const awkward = ['$(touch x)', '`id`', "it's", '-n', 'a  b', '*', '\\', 'ü\u{1F6A3}']
  const process = await startDetached(options(['printf', '%s\\n', ...awkward]))
  expect(await collect(process)).toEqual(awkward)
})

test('lines are sent once each, also by a second life that attaches', async () => {
  const first = await startDetached(options(['cat'], 'lines'))
  await first.sendLine('a', '{"n":1}')
  await first.sendLine('a', '{"n":1}')
  await first.sendLine('b c', '{"n":2}')
  expect(await collect(first, 2)).toEqual(['{"n":1}', '{"n":2}'])
  const second = await attachDetached(join(folder, 'p'))
  expect(second?.identity).toEqual(first.identity)
  expect([second?.hasSent('a'), second?.hasSent('b c'), second?.hasSent('d')]).toEqual([true, true, false])
  await second?.sendLine('b c', '{"n":2}')
  await second?.sendLine('d', '{"n":3}')
  expect(second && (await collect(second, 3))).toEqual(['{"n":1}', '{"n":2}', '{"n":3}'])
})

test('a line that was announced but not written before a crash is sent again', async () => {
  const first = await startDetached(options(['cat'], 'lines'))
  await first.sendLine('a', '1')
  const { size } = await import('node:fs').then((fs) => fs.statSync(join(folder, 'p/in')))
  await writeFile(join(folder, 'p/sent'), `0 a\n${size} b\n`)
  const second = await attachDetached(join(folder, 'p'))
  await second?.sendLine('b', '2')
  expect(second && (await collect(second, 2))).toEqual(['1', '2'])
})

test('starting under the same key attaches; another key is refused while the process lives', async () => {
  const first = await startDetached(options(['sleep', '60']))
  const again = await startDetached(options(['sleep', '60']))
  expect(again.identity).toEqual(first.identity)
  await expect(startDetached({ ...options(['sleep', '60']), key: 'other' })).rejects.toMatchObject({
    code: 'PROCESS_FOLDER_TAKEN',
  })
  await first.stop({ grace: milliseconds(0) })
  const other = await startDetached({ ...options(['sleep', '60']), key: 'other' })
  expect(other.identity.pid).not.toBe(first.identity.pid)
})

test('what an orderly stop cut short starts anew, unless it has a conversation; what had ended keeps its result', async () => {
  const exits = `trap 'exit 1' TERM; echo ready; sleep 60 & wait`
  const first = await startDetached(options(['sh', '-c', exits]))
  await collect(first, 1)
  await stopDetachedBelow(folder)
  const second = await startDetached(options(['sh', '-c', exits]))
  expect([second.isAlive(), second.identity.pid === first.identity.pid]).toEqual([true, false])
  await second.stop({ grace: milliseconds(0) })
  const third = await startDetached(options(['sh', '-c', exits]))
  expect(third.identity).toEqual(second.identity)

  const talking = { ...options(['cat'], 'lines'), dir: join(folder, 'q') }
  const speaker = await startDetached(talking)
  await stopDetachedBelow(folder)
  expect((await startDetached(talking)).identity).toEqual(speaker.identity)
})

test('stop ends a tree that ignores SIGTERM and a child that left its process group', async () => {
  const script = `trap '' TERM; setsid sh -c 'echo $$; exec sleep 300' & sleep 300 & echo ready; wait`
  const process = await startDetached(options(['bash', '-c', script]))
  const [one, two] = await collect(process, 2)
  const escaped = Number(one === 'ready' ? two : one)
  expect(await process.stop({ grace: milliseconds(100) })).toEqual({ stragglers: [escaped] })
  expect(process.isAlive()).toBe(false)
})

test('a process outlives the one that started it and is found again', async () => {
  const starter = `
    import { startDetached } from ${JSON.stringify(new URL('./detached.ts', import.meta.url).href)}
    await startDetached({ ...${JSON.stringify(options(['sh', '-c', 'read line; echo "got $line"; exit 3'], 'lines'))}, env: process.env })
    console.log('started')
    setInterval(() => {}, 1000)`
  await writeFile(join(folder, 'starter.mts'), starter)
  const child = spawn(process.execPath, [join(folder, 'starter.mts')], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')
  const found = await attachDetached(join(folder, 'p'))
  expect(found?.isAlive()).toBe(true)
  await found?.sendLine('x', 'hello')
  expect(found && (await collect(found))).toEqual(['got hello'])
  expect(await found?.exited(never)).toEqual({ exitCode: 3 })
})

test('a line over the limit is told by its size, the rest of the output is read on', async () => {
  const process = await startDetached(
    options(['sh', '-c', `head -c ${maxLineBytes + 5} /dev/zero | tr '\\0' x; echo; echo after`]),
  )
  expect(await collect(process)).toEqual([{ kind: 'oversize', bytes: maxLineBytes + 5 }, 'after'])
})

test('output is followed also where the machine has no watch left for us', async () => {
  const process = await startDetached(options(['sh', '-c', 'echo one; read -r _; echo two'], 'lines'))
  const follower = `
    import { attachDetached } from ${JSON.stringify(new URL('./detached.ts', import.meta.url).href)}
    const found = await attachDetached(${JSON.stringify(join(folder, 'p'))})
    for await (const line of found.lines(new AbortController().signal)) {
      console.log(line.text)
      await found.sendLine('x', 'go on')
    }`
  await writeFile(join(folder, 'follower.mts'), follower)
  const script = 'echo 0 >/proc/sys/user/max_inotify_instances && exec "$@"'
  const command = ['unshare', '--user', '--map-root-user', 'sh', '-c', script, 'sh', globalThis.process.execPath]
  const told = await runCommand({ command: [...command, join(folder, 'follower.mts')], cwd: folder, env: readEnvironment() })
  expect({ stdout: told.stdout, stderr: told.stderr }).toEqual({ stdout: 'one\ntwo\n', stderr: '' })
  expect(await process.exited(never)).toEqual({ exitCode: 0 })
})

test('a missing program is an error with its name', async () => {
  await expect(startDetached(options(['no-such-program-here']))).rejects.toMatchObject({
    code: 'COMMAND_NOT_FOUND',
    data: { command: 'no-such-program-here' },
  })
})

test('a wrapper that was killed leaves no exit code, and its orphan is stopped', async () => {
  const started = await startDetached(options(['sleep', '60']))
  process.kill(started.identity.pid, 'SIGKILL')
  expect(await started.exited(never)).toEqual({ exitCode: null })
  await started.stop({ grace: milliseconds(0) })
  expect(isGroupAlive(started.identity.pid)).toBe(false)
})
