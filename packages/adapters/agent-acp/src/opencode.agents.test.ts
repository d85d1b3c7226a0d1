import { agentConformance } from '@coxswain/agents/testing'
import { opencodeTarget } from './testing/opencode-target.ts'
import { opencodeWithoutSandboxTarget } from './testing/opencode-without-sandbox.ts'

agentConformance(opencodeTarget)
agentConformance(opencodeWithoutSandboxTarget)
