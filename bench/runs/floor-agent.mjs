// The least that speaks to an agent: node floor-agent.mjs <worktree> <prompt> <agent command…>
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

const [cwd, prompt, ...command] = process.argv.slice(2)
const agent = spawn(command[0], command.slice(1), { cwd, stdio: ['pipe', 'pipe', 'inherit'] })
const send = (id, method, params) => agent.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`)
for await (const line of (send(1, 'initialize', { protocolVersion: 1, clientCapabilities: {} }),
createInterface({ input: agent.stdout }))) {
  const { id, result, error } = JSON.parse(line)
  if (error !== undefined) throw new Error(line)
  if (id === 1) send(2, 'session/new', { cwd, mcpServers: [] })
  if (id === 2) send(3, 'session/prompt', { sessionId: result.sessionId, prompt: [{ type: 'text', text: prompt }] })
  if (id === 3) break
}
agent.kill()
