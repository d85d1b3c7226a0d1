import { noUsage } from '@coxswain/agents'
import { agentConformance, conformanceFailures, type ConformanceTarget } from '@coxswain/agents/testing'
import { openAgentWorld } from '@coxswain/testing'
import { createRewriterBackend } from './rewriter-backend.ts'

const noWords = 'the rewriter has no model: it says nothing and asks nobody'
const noProgram = 'the rewriter lives in our process: there is no program of its own to lose, to find again or to be deceived by'
const noService = 'the rewriter uses no service that could fail'

const greeting = { file: 'greeting.txt', start: 0, end: 6, was: 'hello\n', text: 'hello from the agent\n' }
const orders: Readonly<Record<string, unknown>> = { edit: { edits: [greeting] } }

const rewriterTarget: ConformanceTarget = {
  name: 'rewriter',
  createBackend: createRewriterBackend,
  backendModule: import.meta.url,
  model: null,
  sandbox: 'own',
  editUsage: noUsage,
  silent: true,
  scenarioPrompt: (scenario) => `\`\`\`json\n${JSON.stringify(orders[scenario] ?? {})}\n\`\`\``,
  openWorld: async () => ({ ...(await openAgentWorld({ programFolders: [], prepare: async () => ({}) })), model: null }),
  failures: {},
  off: {
    command: noWords,
    'second-turn': noWords,
    'repeat-turn': 'there are no requests to count; shown in rewriter.test.ts',
    'recovering-failure': noService,
    'huge-line': noWords,
    steer: noWords,
    interrupt: 'a search cannot be held in the middle by the suite; shown in rewriter.test.ts',
    abort: 'a search cannot be held in the middle by the suite; shown in rewriter.test.ts',
    silence: noWords,
    'approve-accept': noWords,
    'approve-decline': noWords,
    close: 'a search cannot be held in the middle by the suite; shown in rewriter.test.ts',
    'hostile-program': noProgram,
    resume: noProgram,
    'reattach-live': noProgram,
    'reattach-finished': 'a turn that has ended is told again; shown in rewriter.test.ts',
    crash: noProgram,
    ...Object.fromEntries(conformanceFailures.map((failure) => [`failure-${failure}`, noService])),
  },
}

agentConformance(rewriterTarget)
