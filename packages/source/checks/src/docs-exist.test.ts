import { expect, it } from 'vitest'
import { checkSource } from './check-source.ts'

it('docs-exist writes links that are links', () => {
  const files = { 'docs/ways and means.md': '# Ways\n', 'README.md': '[ways](./old/ways%20and%20means.md)\n' }
  expect(checkSource({ files, rule: 'docs-exist' })[0]?.fix[0]).toContain('Link to ./docs/ways%20and%20means.md:')
})

it.each([
  [['npx sv create my-app', 'cd my-app', '', 'npm run gone'], 0],
  [['npm create thing app && cd app', 'npm run gone'], 0],
  [['cd app', '```', '', '```sh', 'npm run gone'], 1],
  [['cd docs', 'npm run gone'], 1],
  [['git clone https://example.com/shop', 'cd shop', 'npm run gone'], 1],
])('docs-exist leaves out what runs in a folder that the commands have made: %j', (lines, count) => {
  const block = ['```sh', ...lines, '```', ''].join('\n')
  const files = { 'package.json': '{ "name": "shop" }', 'docs/a.md': '# A\n', 'README.md': block }
  expect(checkSource({ files, rule: 'docs-exist' })).toHaveLength(count)
})
