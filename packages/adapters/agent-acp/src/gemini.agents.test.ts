import { agentConformance } from '@coxswain/agents/testing'
import { geminiTarget } from './testing/gemini-target.ts'
import { geminiWithoutSandboxTarget } from './testing/gemini-without-sandbox.ts'

agentConformance(geminiTarget)
agentConformance(geminiWithoutSandboxTarget)
