import { existsSync } from 'node:fs'
import { join } from 'node:path'

const folders: Readonly<Record<string, string>> = {
  RUSTUP_HOME: '.rustup',
  PYENV_ROOT: '.pyenv',
  RBENV_ROOT: '.rbenv',
  NVM_DIR: '.nvm',
  VOLTA_HOME: '.volta',
  ASDF_DATA_DIR: '.asdf',
  SDKMAN_DIR: '.sdkman',
  MISE_DATA_DIR: '.local/share/mise',
}

/** Where tools are that look for themselves in a home: an agent's home is not the person's. */
export function toolVariables(environment: Readonly<Record<string, string>>): Record<string, string> {
  const { HOME: home } = environment
  if (home === undefined) return {}
  const present = Object.entries(folders).filter(([name, folder]) => name in environment || existsSync(join(home, folder)))
  return Object.fromEntries(present.map(([name, folder]) => [name, environment[name] ?? join(home, folder)]))
}
