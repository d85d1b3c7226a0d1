import { chmod, mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createWorld } from './world.ts'

/* Capabilities: A1, C6. A machine that forbids namespaces has Landlock alone: a run works there, and a person has the last word. */

/** Programs of this machine but those that contain, and a Perl whose starter of namespaces is refused. */
async function machineWithoutNamespaces(bin: string): Promise<string> {
  await mkdir(bin, { recursive: true })
  const perl: string[] = []
  for (const folder of (process.env['PATH'] ?? '').split(':')) {
    for (const name of await readdir(folder).catch(() => [])) {
      if (name === 'perl') perl.push(join(folder, name))
      if (!['bwrap', 'perl', 'codex'].includes(name)) await symlink(join(folder, name), join(bin, name)).catch(() => {})
    }
  }
  const refused = 'case "$1" in *start-in-namespaces.pl) echo "Operation not permitted" >&2; exit 1;; esac'
  await writeFile(join(bin, 'perl'), `#!/bin/sh\n${refused}\nexec ${perl[0]} "$@"\n`)
  await chmod(join(bin, 'perl'), 0o755)
  return bin
}

test('under Landlock alone nothing lands without approval, whatever was said beforehand', async () => {
  await using place = await createWorld({ script: {} })
  const PATH = await machineWithoutNamespaces(join(place.root, 'bin'))
  await using world = await createWorld({
    env: { PATH },
    script: { hello: [[{ do: 'write', path: 'hello.txt', content: 'x' }]] },
    config: 'gates: [{ name: there, command: [test, -f, hello.txt], base: ignored }]\nlanding: { policy: auto }\n',
  })
  const { outcome, reason } = await world.ask('run', '[scenario:hello] do it', '--land')
  expect([outcome, reason]).toEqual(['awaiting-approval', 'All gates passed; waiting for a person to approve the landing.'])
  expect((await world.ask<{ warnings: string[] }>('status')).warnings.join('\n')).toMatch(
    /^The sandbox is partial: .* Nothing lands without approval\.$/m,
  )
  expect(await world.ask('approve', 'r1')).toMatchObject({ code: 0, outcome: 'landed' })
  expect(world.git('show', 'main:hello.txt')).toBe('x')
  await world.write('harness/harness.yaml', 'sandbox: required\n')
  expect((await world.cox('down')).code).toBe(0)
  expect((await world.cox('up', '-d')).stderr).toContain('SANDBOX_MISSING')
})
