import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { extractFacts, listFiles } from '../packages/source/facts/src/index.ts'
import { readEnvironment, runCommand, type CommandResult } from '../packages/base/host/src/index.ts'

// U1: what people install with npm, on the oldest Node it promises, far from this workspace.

const root = fileURLToPath(new URL('..', import.meta.url))
const limitMs = 300_000
let world: string
let install: string
let node: string

beforeAll(async () => {
  world = await realpath(await mkdtemp(join(tmpdir(), 'cox package ')))
  install = join(world, 'install')
  await mkdir(install)
  const packed = await must([process.execPath, 'packages/dev/packaging/src/main.ts', '--out', join(world, 'packed')], root)
  await writeFile(join(install, 'package.json'), '{"private":true}')
  await must(
    ['npm', 'install', '--no-audit', '--no-fund', '--loglevel=error', '--ignore-scripts', packed.stdout.trim(), ...oldestNode],
    install,
  )
  node = oldestNode.length === 0 ? process.execPath : join(install, `node_modules/node-linux-${process.arch}/bin/node`)
}, limitMs)

afterAll(async () => {
  await rm(world, { recursive: true, force: true })
})

/** Where the registry has that Node for this machine; elsewhere the one that runs this test. */
const oldestNode = process.platform === 'linux' ? [`node-linux-${process.arch}@22.23.3`] : []

test('U1 the installed package answers on its oldest Node', async () => {
  const { version } = JSON.parse(await readFile(join(install, 'node_modules/coxswain/package.json'), 'utf8'))
  expect((await must([node, '--version'], world)).stdout).toMatch(oldestNode.length === 0 ? /^v/ : /^v22\./)
  expect(await cox(world, '--version')).toMatchObject({ exitCode: 0, stdout: `${version}\n`, stderr: '' })
  const help = await cox(world, '--help')
  expect(help).toMatchObject({ exitCode: 0, stderr: '' })
  expect(help.stdout).toMatch(/^USAGE\n {2}cox init /)
  // A document that lies beside the code.
  expect((await cox(world, 'check', '--explain', 'no-cycles')).stdout).toMatch(/^# no-cycles\n/)
})

test('U1 the installed package holds what its code asks for, and no source of ours', async () => {
  const folder = join(install, 'node_modules/coxswain')
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  const { paths } = await listFiles(folder)
  expect(
    paths.filter(
      (path) =>
        !/^(?:LICENSE|README\.md|package\.json|dist\/[\w-]+\.(?:js|json)|dist\/vitest\.d\.ts|docs\/rules\/[\w-]+\.md)$/.test(
          path,
        ),
    ),
  ).toEqual([])
  const asked = new Set<string>()
  for (const path of paths.filter((one) => one.endsWith('.js'))) {
    const { imports } = extractFacts(path, await readFile(join(folder, path)))
    for (const { from } of imports) if (!/^(?:node:|\.)/.test(from)) asked.add(packageOf(from))
  }
  // Not its peer, which its types alone name.
  const listed = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.optionalDependencies)]
  expect([...asked].filter((name) => !listed.includes(name))).toEqual([])
  expect(JSON.stringify(manifest)).not.toMatch(/workspace:|catalog:/)
})

test(
  'U1 S1 the installed package checks source, with the programs and files it finds beside itself',
  { timeout: limitMs },
  async () => {
    const repository = join(world, 'checked')
    await mkdir(join(repository, 'src'), { recursive: true })
    await must(['git', 'init', '-q', '-b', 'main'], repository)
    await writeFile(join(repository, 'package.json'), '{ "name": "checked", "private": true }\n')
    await writeFile(join(repository, 'src/key.ts'), `export const key = '${['AKIA', 'Y3TDQFLM4WSXU2PR'].join('')}'\n`)
    const checked = await cox(repository, 'check')
    expect(checked).toMatchObject({ stderr: expect.not.stringContaining('Warning') })
    expect(checked.stdout).toMatch(/src\/key\.ts:1/)
  },
)

test('CHK-23 the installed package has matchers for Vitest, and their types', { timeout: limitMs }, async () => {
  const project = join(install, 'with tests')
  await mkdir(join(project, 'src'), { recursive: true })
  await must(['git', 'init', '-q', '-b', 'main'], project)
  await writeFile(join(project, 'package.json'), '{ "name": "with-tests", "private": true, "type": "module" }\n')
  await writeFile(join(project, 'src/read.ts'), 'export const read = (): void => {\n  try {\n    read()\n  } catch {}\n}\n')
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions: strictly, files: ['source.test.ts'] }))
  await writeFile(join(project, 'source.test.ts'), sourceTest)
  // The workspace's own runner stands for the one of the user, which takes long to install.
  await symlink(join(root, 'node_modules/vitest'), join(install, 'node_modules/vitest'))

  const types = await execute([process.execPath, join(root, 'node_modules/typescript/bin/tsc'), '-p', project], project)
  expect(types).toMatchObject({ exitCode: 0, stdout: '' })
  const vitest = [node, join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', project, '--reporter=json']
  const report = join(project, 'report.json')
  expect(await execute([...vitest, `--outputFile=${report}`], project)).toMatchObject({ exitCode: 1 })
  expect(JSON.parse(await readFile(report, 'utf8'))).toMatchObject({
    testResults: [
      {
        assertionResults: [
          { title: 'is clean', status: 'passed' },
          {
            title: 'is not',
            status: 'failed',
            failureMessages: [expect.stringContaining('1 finding in src\n\nsrc/read.ts:4:5 no-swallowed-error')],
          },
        ],
      },
    ],
  })
})

const strictly = { target: 'ES2024', module: 'nodenext', strict: true, noEmit: true, types: [], skipLibCheck: true }

const sourceTest = `import { source, sourceMatchers } from 'coxswain/vitest'
import { expect, test } from 'vitest'

expect.extend(sourceMatchers)

test('is clean', async () => {
  await expect(source('src')).toHaveNoFindings({ rules: ['max-lines'] })
})

test('is not', async () => {
  await expect(source('src')).toHaveNoFindings({ rules: ['no-swallowed-error'] })
})

// @ts-expect-error rules are a list
export const wrong: Parameters<typeof sourceMatchers.toHaveNoFindings>[1] = { rules: 'max-lines' }
`

test('U1 R1 A1 the installed package lands a change, and leaves nothing running', { timeout: limitMs }, async () => {
  const repository = join(world, 'a repository')
  await mkdir(repository)
  await must(['git', 'init', '-q', '-b', 'main'], repository)
  await writeFile(join(repository, 'clock.ts'), 'export const now = (): number => new Date().getTime()\n')
  expect(await cox(repository, 'init')).toMatchObject({ exitCode: 0 })
  await must(['git', 'add', '.'], repository)
  await must(['git', '-c', 'user.name=Test', '-c', 'user.email=test@example.com', 'commit', '-qm', 'first'], repository)
  await writeFile(join(world, 'task.md'), task)

  const run = await cox(repository, 'run', '--agent', 'rewriter', '--land', '--json', '--file', join(world, 'task.md'))

  expect(run.stderr).toBe(
    'Warning: This lands unproved: no gates are configured: nothing proves a change. Set `gates` in harness/harness.yaml.\n',
  )
  expect(JSON.parse(run.stdout)).toMatchObject({
    id: 'r1',
    agent: 'rewriter',
    state: 'landed',
    outcome: 'landed',
    turns: 1,
    tokens: 0,
  })
  expect(await readFile(join(repository, 'clock.ts'), 'utf8')).toBe('export const now = (): number => Date.now()\n')
  expect(JSON.parse((await cox(repository, 'status', '--json')).stdout)).toMatchObject({ daemon: null, counts: { landed: 1 } })
  expect(await commandLinesWith(world)).toEqual([])
})

const task = [
  'Ask the clock directly.',
  '',
  '```yaml',
  'id: date-now',
  'language: ts',
  'rule: { pattern: new Date().getTime() }',
  'fix: Date.now()',
  '```',
  '',
].join('\n')

function cox(cwd: string, ...args: readonly string[]): Promise<CommandResult> {
  return execute([node, join(install, 'node_modules/.bin/cox'), ...args], cwd)
}

async function must(command: readonly string[], cwd: string): Promise<CommandResult> {
  const result = await execute(command, cwd)
  if (result.exitCode !== 0)
    throw new Error(`${command.join(' ')} ended with ${result.exitCode}: ${result.stdout}${result.stderr}`)
  return result
}

/** Without what this test's own runner adds to the environment; state stays in the test's folder. */
function execute(command: readonly string[], cwd: string): Promise<CommandResult> {
  const { PATH = '', HOME = '', NO_COLOR } = readEnvironment()
  const registry = Object.entries(readEnvironment()).filter(([name]) =>
    /^(?:npm_config_registry|https?_proxy|no_proxy|node_extra_ca_certs|ssl_cert_file)$/i.test(name),
  )
  const env = {
    PATH,
    HOME,
    ...(NO_COLOR === undefined ? {} : { NO_COLOR }),
    ...Object.fromEntries(registry),
    XDG_STATE_HOME: join(world, 'state'),
  }
  return runCommand({ command, cwd, env })
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/** Of living processes, where the system lists them as files. */
async function commandLinesWith(text: string): Promise<string[]> {
  const pids = await readdir('/proc').catch(() => [])
  const lines = await Promise.all(pids.map((pid) => readFile(join('/proc', pid, 'cmdline'), 'utf8').catch(() => '')))
  return lines.map((line) => line.replaceAll('\0', ' ')).filter((line) => line.includes(text))
}
