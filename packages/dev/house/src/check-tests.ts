import type { Finding, House } from './house.ts'

/** A test that is skipped, or alone, proves nothing while it looks green. */
export function checkTests({ texts }: House): Finding[] {
  return texts
    .filter(({ path }) => /\.test\.[cm]?[jt]sx?$/.test(path) && !path.includes('/fixtures/'))
    .flatMap(({ path, text }) =>
      text.split('\n').flatMap((line, index) => {
        const off = switchedOff.exec(line)?.[0]
        return off === undefined
          ? []
          : [
              {
                wall: 'test',
                at: `${path}:${index + 1}`,
                what: `is switched off or alone: ${off}`,
                why: 'Fix it, or delete it and say so.',
              },
            ]
      }),
    )
}

const switchedOff =
  /^\s*(?:x?(?:it|test|describe|suite))(?:\.\w+)*\.(?:skip|only|todo|fails|skipIf|runIf)\b|^\s*x(?:it|test|describe)\b|\b(?:context|ctx)\.skip\(/
