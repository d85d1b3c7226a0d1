import { execFileSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

const domains = 25
const packagesPerDomain = 30
const rules = 1_000

interface Rule {
  readonly id: string
  readonly scope: string
  readonly text: string
}

/** 750 packages of eight files, a thousand rules: most about one package, some about a domain, a few about everything. */
export async function makeWorkspace(root: string): Promise<void> {
  const files = new Map<string, string>()
  for (const folder of packageFolders()) {
    files.set(`${folder}/package.json`, '{}\n')
    for (let index = 0; index < 7; index += 1) files.set(`${folder}/src/module-${index}.ts`, 'export const value = 1\n')
  }
  for (const rule of makeRules()) {
    files.set(`harness/constraints/${rule.id}.md`, constraintText(rule))
    files.set(`.rulesync/rules/${rule.id}.md`, rulesyncText(rule))
  }
  files.set(
    '.rulesync/rules/overview.md',
    '---\nroot: true\ntargets: ["*"]\ndescription: Overview\nglobs: ["**/*"]\n---\n\n# Overview\n\nA workspace.\n',
  )
  for (const folder of new Set([...files.keys()].map((path) => dirname(path))))
    await mkdir(join(root, folder), { recursive: true })
  await Promise.all([...files].map(([path, text]) => writeFile(join(root, path), text)))
  execFileSync('git', ['init', '--quiet', root])
  execFileSync('git', ['-C', root, 'add', '--all'])
}

function packageFolders(): string[] {
  return Array.from(
    { length: domains * packagesPerDomain },
    (_, index) => `packages/domain-${index % domains}/package-${Math.floor(index / domains)}`,
  )
}

function makeRules(): Rule[] {
  const folders = packageFolders()
  return Array.from({ length: rules }, (_, index) => {
    const id = `rule-${index}`
    const text = `Decision ${index}: keep the retry budget of this code below ${index} attempts and say in a test why that is enough.`
    if (index < 40) return { id, scope: '**/*.ts', text }
    if (index < 240) return { id, scope: `packages/domain-${index % domains}/**/*.ts`, text }
    return { id, scope: `${folders[index % folders.length] ?? ''}/src/**/*.ts`, text }
  })
}

function constraintText(rule: Rule): string {
  return `---\nid: ${rule.id}\nclass: retries\nseverity: warning\nscope: ['${rule.scope}']\nrungs:\n  - path: '${rule.text}'\nowner: team\n---\n\n# ${rule.text}\n\n## Why\n\nRetries multiply load when a dependency is slow.\n\n## Fix\n\nUse the retry helper and name its policy.\n`
}

function rulesyncText(rule: Rule): string {
  return `---\nroot: false\ntargets: ["*"]\ndescription: ${rule.id}\nglobs: ["${rule.scope}"]\n---\n\n${rule.text}\n\nRetries multiply load when a dependency is slow.\n\nUse the retry helper and name its policy.\n`
}
