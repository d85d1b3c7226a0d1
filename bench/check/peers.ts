import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { biomeConfig, cruiserOptions, cruiserRules, eslintConfig, peerVersions } from './peer-config.ts'

export interface Peer {
  readonly name: string
  readonly program: string
  readonly args: readonly string[]
  readonly cwd: string
  /** What it looked at, when that is not everything. */
  readonly files?: string
}

/** Tools to compare with, in a folder of their own outside the repository; or a sentence why there are none. */
export function installPeers(folder: string, root: string): readonly Peer[] | string {
  const stamp = join(folder, `installed-${Object.entries(peerVersions).flat().join('-').replaceAll('/', '_')}`)
  if (!existsSync(stamp)) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies: peerVersions }))
    const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
    const result = spawnSync('npm', args, { cwd: folder, encoding: 'utf8', timeout: 300_000 })
    if (result.status !== 0) return `they cannot be installed here (${result.stderr.trim().split('\n')[0] ?? 'npm failed'})`
    writeFileSync(stamp, '')
  }
  const program = (name: string): string => join(folder, 'node_modules/.bin', name)
  return [biome(folder, root, program('biome')), cruiser(folder, root, program('depcruise')), ...rest(folder, root, program)]
}

function biome(folder: string, root: string, program: string): Peer {
  const config = join(folder, 'biome')
  mkdirSync(config, { recursive: true })
  writeFileSync(join(config, 'biome.json'), JSON.stringify(biomeConfig))
  return {
    name: 'Biome, with cycles',
    program,
    args: ['lint', `--config-path=${config}`, '--max-diagnostics=20', 'packages'],
    cwd: root,
  }
}

function cruiser(folder: string, root: string, program: string): Peer {
  const config = join(folder, 'depcruise.cjs')
  const forbidden = Object.values(cruiserRules()).flat()
  writeFileSync(config, `module.exports = ${JSON.stringify({ forbidden, options: cruiserOptions })}`)
  // Its own walk dies in symbolic links that lead to each other.
  const sources = globSync('packages/*/*/src', { cwd: root })
  return { name: 'dependency-cruiser', program, args: ['--config', config, '--output-type', 'err', ...sources], cwd: root }
}

function rest(folder: string, root: string, program: (name: string) => string): Peer[] {
  const config = join(folder, 'eslint.config.js')
  writeFileSync(config, eslintConfig(folder))
  // On everything it takes minutes: one domain of many.
  const domain = globSync('packages/*/*-types', { cwd: root })[0]?.split('/')[1] ?? '*'
  const count = globSync(`packages/${domain}/*/src/**/*.{ts,tsx}`, { cwd: root }).length
  return [
    { name: 'knip', program: program('knip'), args: ['--no-exit-code', '--max-show-issues', '5'], cwd: root },
    {
      name: 'ESLint + boundaries',
      program: program('eslint'),
      args: ['--config', config, '--no-warn-ignored', `packages/${domain}/*/src/**/*.{ts,tsx}`],
      cwd: root,
      files: `${count} files only`,
    },
  ]
}
