import { expect, test } from 'vitest'
import { recogniseAgent } from './known-agents.ts'

test.each([
  [['gemini'], 'gemini'],
  [['/usr/local/bin/gemini', '--acp'], 'gemini'],
  [['node', '/x/node_modules/@google/gemini-cli/bundle/gemini.js', '--acp'], 'gemini'],
  [['opencode', 'acp'], 'opencode'],
  [['npx', '@agentclientprotocol/codex-acp'], 'codex-acp'],
  [['/usr/bin/node', '/x/@agentclientprotocol/claude-agent-acp/dist/index.js'], 'claude-agent-acp'],
  [['my-agent', '--model', 'gemini'], 'acp'],
  [['node', '/home/gemini.d/agent.js'], 'acp'],
])('%j is %s', (command, name) => {
  expect(recogniseAgent(command).name).toBe(name)
})
