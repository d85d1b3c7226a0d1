import type { Toolchain, Tree } from './toolchain.ts'

const nothing: Toolchain = { setup: null, gates: [], notes: [] }

export async function readCargo(tree: Tree): Promise<Toolchain> {
  if (!tree.has('Cargo.toml')) return nothing
  const isLocked = tree.has('Cargo.lock')
  const locked = isLocked ? ['--locked'] : []
  const keys = [...(isLocked ? ['Cargo.lock'] : []), 'Cargo.toml']
  const workspace = /^\[workspace\]/m.test((await tree.read('Cargo.toml')) ?? '') ? ['--workspace'] : []
  return {
    setup: { command: ['cargo', 'fetch', ...locked], keys, from: keys[0] ?? 'Cargo.toml' },
    gates: [{ name: 'test', command: ['cargo', 'test', ...workspace, ...locked], from: 'Cargo.toml' }],
    notes: [],
  }
}

export async function readGo(tree: Tree): Promise<Toolchain> {
  if (!tree.has('go.mod')) return nothing
  const keys = ['go.sum', 'go.mod'].filter((file) => tree.has(file))
  return {
    setup: tree.has('go.sum') ? { command: ['go', 'mod', 'download'], keys, from: 'go.mod' } : null,
    gates: [
      { name: 'lint', command: ['go', 'vet', './...'], from: 'go.mod' },
      { name: 'test', command: ['go', 'test', './...'], from: 'go.mod' },
    ],
    notes: [],
  }
}

/** Python where uv locks it: the environment then lies in the worktree. */
export async function readUv(tree: Tree): Promise<Toolchain> {
  if (!tree.has('uv.lock') || !tree.has('pyproject.toml')) return nothing
  const project = (await tree.read('pyproject.toml')) ?? ''
  const named = (name: string): boolean => new RegExp(`["']${name}\\b|^\\[tool\\.${name}\\b`, 'm').test(project)
  const run = (...program: readonly string[]): string[] => ['uv', 'run', '--frozen', ...program]
  return {
    setup: { command: ['uv', 'sync', '--frozen'], keys: ['uv.lock', 'pyproject.toml'], from: 'uv.lock' },
    gates: [
      ...(named('ruff') ? [{ name: 'lint' as const, command: run('ruff', 'check'), from: 'pyproject.toml' }] : []),
      ...(named('mypy') ? [{ name: 'typecheck' as const, command: run('mypy', '.'), from: 'pyproject.toml' }] : []),
      ...(named('pytest') ? [{ name: 'test' as const, command: run('pytest'), from: 'pyproject.toml' }] : []),
    ],
    notes: [],
  }
}
