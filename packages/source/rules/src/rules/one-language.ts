import { defineRule } from '../rule.ts'
import { fixtureFiles } from '../site-rule.ts'

const languages: Readonly<Record<string, string>> = {
  py: 'Python',
  sh: 'shell',
  bash: 'shell',
  zsh: 'shell',
  rb: 'Ruby',
  pl: 'Perl',
  php: 'PHP',
  lua: 'Lua',
  ps1: 'PowerShell',
  bat: 'batch',
  cmd: 'batch',
  go: 'Go',
  java: 'Java',
  coffee: 'CoffeeScript',
}

export const oneLanguage = defineRule({
  id: 'one-language',
  why: 'A second language needs its own tools, tests, types and reviewers; none of this repository’s checks see it.',
  severity: 'off',
  scope: 'file',
  exclude: [...fixtureFiles, '**/{template,templates,example,examples}/**'],
  options: (z) => z.strictObject({ allow: z.array(z.string()).default([]) }),
  check: (path, { workspace, options }) => {
    const extension = path.slice(path.lastIndexOf('.') + 1)
    const language = path.includes('.') && !path.slice(path.lastIndexOf('/')).startsWith('/.') ? languages[extension] : undefined
    if (language === undefined || options.allow.includes(extension)) return []
    const lines = workspace.facts.get(path)?.lines ?? 0
    const script = path.replace(/\.\w+$/, '.ts')
    return [
      {
        file: path,
        line: 1,
        column: 1,
        what: `${lines} lines of ${language}; this repository is TypeScript`,
        fix: [
          `Write it as ${script}, run it with \`node ${script}\`, and delete ${path}.`,
          `If it only calls other programs, make it a script of ${workspace.packageOf(path)?.dir || '.'}/package.json.`,
        ],
        anchor: `language ${path.slice(path.lastIndexOf('/') + 1)}`,
      },
    ]
  },
})
