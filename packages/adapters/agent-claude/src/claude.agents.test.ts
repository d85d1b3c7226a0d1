import { agentConformance } from '@coxswain/agents/testing'
import { claudeTarget } from './testing/claude-target.ts'
import { claudeWithoutSandboxTarget } from './testing/claude-without-sandbox.ts'

agentConformance(claudeTarget)
agentConformance(claudeWithoutSandboxTarget)
