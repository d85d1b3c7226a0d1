import { defineRule, type RawFinding } from '../rule.ts'
import { compareSettings } from '../weakened/compare-settings.ts'

export const protectedConfig = defineRule({
  id: 'protected-config',
  why: 'The easiest way to a green check is a weaker check; only a person may choose it.',
  severity: 'error',
  scope: 'graph',
  options: (z) => z.strictObject({}),
  // Protected files never come through an edit.
  update: (_, known) => known,
  check: ({ workspace, before, builtIn }) => {
    if (before === null) return []
    return [...before.keys()].toSorted().flatMap((path) => {
      const was = before.get(path) ?? ''
      const now = workspace.facts.has(path) ? workspace.textOf(path) : null
      const weaker = compareSettings({ path, was, now }, builtIn)
      return weaker.map((what): RawFinding => ({
        file: path,
        line: 1,
        column: 1,
        what,
        fix: [
          `Take the change back: \`git checkout HEAD -- ${path}\`, and mend the code instead.`,
          'If the rule is wrong, say so to a person with the finding as evidence; they change it, in a commit of its own.',
        ],
        anchor: `protected ${what}`,
      }))
    })
  },
})

/** Files whose old content the rule wants to see. */
export const protectedPaths: readonly string[] = [
  'harness',
  '.github/workflows',
  '.gitlab-ci.yml',
  '.circleci',
  'azure-pipelines.yml',
]
