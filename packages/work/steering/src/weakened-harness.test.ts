import { expect, test } from 'vitest'
import { weakenedHarness } from './weakened-harness.ts'

const strict = `gates:
  - { name: check, command: npm run check }
  - { name: test, command: [npm, test] }
landing: { policy: ask }
sandbox: required
network: none
protected: [tools/**, '!harness/notes/**']
`

test('gates that go, run something else or no longer need a green base are named', () => {
  expect(weakenedHarness(strict, strict.replace(/gates:\n.*\n.*\n/, ''))).toEqual([
    'gate check is removed: `npm run check` is no longer run',
    'gate test is removed: `npm test` is no longer run',
  ])
  expect(weakenedHarness(strict, strict.replace('[npm, test]', '["true"], base: ignored'))).toEqual([
    'gate test runs `true` instead of `npm test`: what each proves cannot be compared',
    'gate test: base goes from required to ignored',
  ])
  expect(weakenedHarness(strict, `${strict.replace('[npm, test]', '[npm, test], network: full')}cache: [dist]\n`)).toEqual([
    'gate test: network goes from none to full',
    'dist is kept from gate to gate, so that a gate may pass by what another left there',
  ])
})

test('what a person decides, what contains an agent and what is protected are named with both values', () => {
  const loose = strict
    .replace('ask', 'auto')
    .replace('required', 'off')
    .replace('none', 'full')
    .replace('tools/**', "'!.github/**'")
  expect(weakenedHarness(strict, loose)).toEqual([
    'landing.policy goes from ask to auto',
    'sandbox goes from required to off',
    'network goes from none to full',
    'tools/** is no longer protected',
    '.github/** is no longer protected',
  ])
  expect(weakenedHarness(strict, '')).toContain('sandbox goes from required to auto')
})

test('what contained commands may see or use beyond what they did is named', () => {
  const more = strict.replace('npm run check }', 'npm run check, sockets: [/var/run/docker.sock] }')
  expect(weakenedHarness(strict, `${more}readable: [~/.config/tool, /opt/data]\n`)).toEqual([
    'gate check: /var/run/docker.sock is a socket that it may use',
    'readable: ~/.config/tool can be read by contained commands',
    'readable: /opt/data can be read by contained commands',
  ])
  expect(weakenedHarness(more, strict)).toEqual([])
})

test('what is the same, stricter or no matter of proof is not', () => {
  expect(weakenedHarness(strict, `${strict}budget: { tokens: 9000000 }\n`)).toEqual([])
  expect(weakenedHarness('', strict)).toEqual(['harness/notes/** is no longer protected'])
})

test('what cannot be read cannot be judged', () => {
  const unjudged = 'what it weakens cannot be judged, because it cannot be read'
  expect(weakenedHarness(strict, 'gates: [')[0]).toMatch(new RegExp(`^${unjudged} after it: line 1:`))
  expect(weakenedHarness('sandbx: off\n', strict)[0]).toMatch(new RegExp(`^${unjudged} before the change: line 1:1 unknown key`))
})
