import { CoxError } from '@coxswain/kernel'
import { stringify } from 'yaml'
import { FrontMatter, type Rung, type RungKind } from './constraint.ts'

export interface NewConstraint {
  readonly id: string
  readonly title?: string
  readonly owner?: string
  readonly scope?: readonly string[]
  readonly rung?: RungKind
}

/** The text of a new constraint file: valid from the start, with every place to fill in named. @throws CoxError CONSTRAINT_ID_INVALID */
export function newConstraint(options: NewConstraint): string {
  if (!FrontMatter.shape.id.safeParse(options.id).success) {
    throw new CoxError('CONSTRAINT_ID_INVALID', `"${options.id}" is not an id`, {
      hint: 'Write lower-case words joined by hyphens, such as deadline-on-outbound-call.',
    })
  }
  const title = options.title ?? sentenceOf(options.id)
  const front = {
    id: options.id,
    class: options.id,
    severity: 'warning',
    scope: options.scope ?? ['**/*'],
    rungs: [rungTemplate(options.rung ?? 'path', title)],
    owner: options.owner ?? 'unowned',
    evidence: [],
  }
  return `---\n${stringify(front, { lineWidth: 0 })}---\n\n# ${title}\n\n## Why\n\nSay what it cost when this was not kept.\n\n## Fix\n\nSay what to do instead, with names from this repository.\n${options.rung === 'check' ? checkExamples : ''}`
}

/** They fit the template's pattern, so that the check can be tried before it is changed. */
const checkExamples = '\n## Bad\n\n```ts src/bad.ts\nlegacyCall(1)\n```\n\n## Good\n\n```ts src/good.ts\ncurrentCall(1)\n```\n'

function rungTemplate(kind: RungKind, title: string): Rung {
  const templates: Readonly<Record<RungKind, Rung>> = {
    check: { check: { language: 'ts', pattern: 'legacyCall($$$ARGUMENTS)' } },
    hook: { hook: { on: 'before-stop', command: ['npm', 'test'] } },
    path: { path: title },
    root: { root: title },
    review: { review: { role: 'reliability', text: title } },
    skill: { skill: 'name-of-the-skill' },
  }
  return templates[kind]
}

function sentenceOf(id: string): string {
  const words = id.replaceAll('-', ' ')
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}
