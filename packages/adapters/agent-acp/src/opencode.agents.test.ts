import { agentConformance } from '@coxswain/agents/testing'
import { opencodeTarget } from './testing/opencode-target.ts'

agentConformance(opencodeTarget)
