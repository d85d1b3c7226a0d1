import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { openGit, readEnvironment, runCommand, type Git } from '@coxswain/host'
import { minutes } from '@coxswain/kernel'
import { DaemonAddress } from '@coxswain/protocol'
import { createClient, type Client } from '@coxswain/sdk'

const demoFolder = fileURLToPath(new URL('..', import.meta.url))
const root = join(demoFolder, '../../..')

/** A sample repository with a state folder of its own, and the CLI to work on it. */
export interface Stage {
  readonly repository: string
  readonly git: Git
  readonly say: (line: string) => void
  /** The ACP command line of the scripted agent. */
  readonly agent: string
  /** Runs `cox` in the sample repository, as a person would; shows the command. */
  cox(...args: readonly string[]): Promise<string>
  /** A client of the daemon that runs now. */
  client(): Promise<Client>
  daemonPid(): Promise<number>
  taskFiles(): Promise<readonly string[]>
  /** Lets a scripted agent of a run go past its `wait`. */
  release(logs: string, name: string): Promise<void>
  close(options: { readonly keep: boolean }): Promise<void>
}

export async function createStage({ say }: Pick<Stage, 'say'>): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'coxswain-demo-'))
  const repository = join(folder, 'sample-shop')
  const state = join(folder, 'state')
  await cp(join(root, 'examples/sample-workspace'), repository, { recursive: true })
  const git = openGit(repository)
  await git.run(['init', '--quiet', '--initial-branch=main'])
  await git.run(['config', 'user.name', 'Sample'])
  await git.run(['config', 'user.email', 'sample@localhost'])
  await commitAll(git, 'A small shop')

  const call = async (...args: readonly string[]): Promise<string> => {
    const result = await runCommand({
      command: [process.execPath, join(root, 'packages/apps/cli/src/main.ts'), ...args],
      cwd: repository,
      env: { ...readEnvironment(), COXSWAIN_STATE_DIR: state },
      timeout: minutes(5),
    })
    if (result.exitCode !== 0)
      throw new Error(`cox ${args.join(' ')} ended with ${result.exitCode}: ${result.stderr}${result.stdout}`)
    return result.stdout.trim()
  }
  const address = async (): Promise<DaemonAddress> => {
    const [name = ''] = (await readdir(state)).filter((entry) => entry.startsWith('sample-shop-'))
    return DaemonAddress.parse(JSON.parse(await readFile(join(state, name, 'daemon.json'), 'utf8')))
  }
  return {
    repository,
    git,
    say,
    agent: `acp:${process.execPath} ${join(root, 'packages/dev/scripted-agent/src/main.mjs')} --script ${join(demoFolder, 'agent-script.json')}`,
    cox: (...args) => {
      say(
        `$ cox ${args.map((arg) => (/^[\w./:=-]+$/.test(arg) ? arg : `"${arg.length > 40 ? `${arg.slice(0, 40)}…` : arg}"`)).join(' ')}`,
      )
      return call(...args)
    },
    client: async () => createClient(await address()),
    daemonPid: async () => (await address()).pid,
    taskFiles: async () => (await readdir(join(demoFolder, 'tasks'))).toSorted().map((name) => join(demoFolder, 'tasks', name)),
    release: async (logs, name) => {
      const released = join(logs, 'session-1/home/.scripted-agent/released')
      await mkdir(released, { recursive: true })
      await writeFile(join(released, name), '')
    },
    close: async ({ keep }) => {
      await call('down').catch(() => '')
      if (!keep) await rm(folder, { recursive: true, force: true })
    },
  }
}

export async function commitAll(git: Git, message: string): Promise<void> {
  await git.run(['add', '--all'])
  await git.run(['commit', '--quiet', '-m', message])
}

/** Written after `cox init`: what this sample needs of the harness file. */
export async function writeHarness({ repository, git }: Stage): Promise<void> {
  const harness = `gates:
  - name: test
    command: [npm, test]
    timeout: 2m
concurrency: 4
limits:
  sameFailure: 1
`
  await writeFile(join(repository, 'harness/harness.yaml'), harness)
  await commitAll(git, 'The harness: what proves a change')
}
