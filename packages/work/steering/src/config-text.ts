import { configTemplate } from './config-template.ts'

/** A command for the harness file, with what is to be said of it there. */
export interface ConfigEntry {
  readonly command: readonly string[]
  /** One line each. */
  readonly remarks: readonly string[]
  /** Otherwise it stands there as a comment. */
  readonly isActive: boolean
}

export interface ConfigProposal {
  readonly setup: (ConfigEntry & { readonly keys: readonly string[] }) | null
  readonly gates: readonly (ConfigEntry & { readonly name: string })[]
}

/** What `cox init` writes: the template, with a set-up and gates of this repository. */
export function configText({ setup, gates }: ConfigProposal): string {
  const setupText = setup === null ? 'setup: null' : renderSetup(setup)
  const gatesText = renderGates(gates)
  return configTemplate.replace(/^setup: null$/m, () => setupText).replace(/^gates: \[\]$/m, () => gatesText)
}

function renderSetup(setup: ConfigEntry & { readonly keys: readonly string[] }): string {
  const entry = ['setup:', `  command: ${list(setup.command)}`, `  keys: ${list(setup.keys)}`]
  const lines = [...comment(setup.remarks), ...(setup.isActive ? entry : [...comment(entry), 'setup: null'])]
  return lines.join('\n')
}

function renderGates(gates: ConfigProposal['gates']): string {
  const lines = gates.flatMap((gate) => {
    const entry = [`- name: ${gate.name}`, `  command: ${list(gate.command)}`]
    return [...comment(gate.remarks), ...(gate.isActive ? entry : comment(entry))].map((line) => `  ${line}`)
  })
  if (gates.some(({ isActive }) => isActive)) return ['gates:', ...lines].join('\n')
  return [...lines.map((line) => line.slice(2)), 'gates: []'].join('\n')
}

function comment(lines: readonly string[]): string[] {
  return lines.flatMap((line) => line.split(/[\r\n\u0085\u2028\u2029]+/)).map((line) => `# ${line}`.trimEnd())
}

function list(words: readonly string[]): string {
  return `[${words.map(quoted).join(', ')}]`
}

/** As it is where YAML reads a word as text. */
function quoted(word: string): string {
  const isPlain = /^(?:-{0,2}[A-Za-z_][\w./-]*|\.[\w./-]+)$/.test(word) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(word)
  return isPlain ? word : JSON.stringify(word)
}
