import { basename, dirname } from 'node:path'
import type { Git } from './open-git.ts'

/**
 * The text of a `config` for a private git folder: what the repository itself sets about content, and who commits. Credentials stay out, and
 * what git would run by itself, because a program with a sandbox of its own inside ours runs git around that sandbox. Programs of ours read the
 * main checkout from it, which cannot be told from the place of such a folder; git itself passes over that in a linked worktree.
 */
export async function privateSettings(worktree: Git, common: string): Promise<string> {
  const listed = (await worktree.run(['config', '-z', '--list', '--includes', '--show-scope'])).split('\0').slice(0, -1)
  const settings: Setting[] = []
  const person = { name: 'Agent', email: 'agent@localhost' }
  for (let at = 0; at + 1 < listed.length; at += 2) {
    const [scope = '', entry = ''] = listed.slice(at, at + 2)
    const setting = readSetting(entry)
    if (setting.key === 'user.name' && setting.value) person.name = setting.value
    else if (setting.key === 'user.email' && setting.value) person.email = setting.value
    else if ((scope === 'local' || scope === 'worktree') && isWanted(setting.key)) settings.push(setting)
  }
  const main = basename(common) === '.git' ? [{ key: 'core.worktree', value: dirname(common) }] : []
  return [...settings, ...fixed, ...main, { key: 'user.name', value: person.name }, { key: 'user.email', value: person.email }]
    .map(lineOf)
    .join('')
}

interface Setting {
  /** Section and name in lower case, the part between them as it is. */
  readonly key: string
  /** Null: named without a value, which means true. */
  readonly value: string | null
}

const fixed: readonly Setting[] = [
  { key: 'core.repositoryformatversion', value: '1' },
  { key: 'core.hookspath', value: '/dev/null' },
  { key: 'gc.auto', value: '0' },
  { key: 'maintenance.auto', value: 'false' },
]

const sections =
  /^(?:core|extensions|branch|remote|submodule|filter|diff|merge|apply|blame|checkout|clone|fetch|format|i18n|index|init|log|pull|push|rebase|rerere|stash|status)\./

/** Programs, keys, and what a folder of files without linked worktrees is not. */
const unwanted =
  /^(?:core\.(?:repositoryformatversion|bare|worktree|hookspath|fsmonitor|sshcommand|gitproxy|askpass|editor|pager|attributesfile|excludesfile|alternaterefscommand)|extensions\.(?!objectformat$|partialclone$).*|remote\..*\.(?:proxy.*|vcs|uploadpack|receivepack))$/

function isWanted(key: string): boolean {
  return sections.test(key) && !unwanted.test(key)
}

function readSetting(entry: string): Setting {
  const end = entry.indexOf('\n')
  return end === -1 ? { key: entry, value: null } : { key: entry.slice(0, end), value: entry.slice(end + 1) }
}

function lineOf({ key, value }: Setting): string {
  const [section = '', ...rest] = key.split('.')
  const name = rest.at(-1) ?? ''
  const middle = rest.slice(0, -1).join('.')
  const head = middle === '' ? `[${section}]` : `[${section} "${middle.replaceAll(/[\\"]/g, String.raw`\$&`)}"]`
  return value === null ? `${head}\n\t${name}\n` : `${head}\n\t${name} = "${quoted(withoutLogin(value))}"\n`
}

function quoted(value: string): string {
  return value
    .replaceAll(/[\\"]/g, String.raw`\$&`)
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('\t', String.raw`\t`)
}

/** Addresses carry tokens as the name or the password of a user. */
function withoutLogin(value: string): string {
  return value.replace(/^(https?:\/\/)[^/]*@/i, '$1').replace(/^([a-z+]+:\/\/[^/:@]*):[^/@]*@/i, '$1@')
}
