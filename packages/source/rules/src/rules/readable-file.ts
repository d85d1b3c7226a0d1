import { defineRule } from '../rule.ts'

export const readableFile = defineRule({
  id: 'readable-file',
  why: 'A file that cannot be read is a file that no check has looked at.',
  severity: 'warning',
  scope: 'file',
  exclude: ['**/{test,tests,__tests__,fixtures,__fixtures__,fixture,testdata,template,templates}/**'],
  options: (z) => z.strictObject({}),
  check: (path, { workspace }) => {
    const facts = workspace.facts.get(path)
    // Scripts in other dialects are left alone: Flow, JSX in .js, templates.
    if (facts?.problem === undefined || facts.kind === 'script') return []
    const { line, message } = facts.problem
    return [
      {
        file: path,
        line,
        column: 1,
        what:
          message.startsWith('is ') ||
          message.startsWith('has ') ||
          message.startsWith('cannot ') ||
          message.startsWith('vanished')
            ? `${path} ${message}`
            : `${path} does not parse: ${message}`,
        fix: [
          'Repair it: until then no other rule sees this file.',
          'If it is no source, give it another extension, or add it to `exclude` in harness/checks.yaml.',
        ],
        anchor: `problem ${message}`,
      },
    ]
  },
})
